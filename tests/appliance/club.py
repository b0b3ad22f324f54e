"""What a club's box holds: its settings and videos, and the hand-made backup of former days.

    club.furnish(box)        # on or off
    club.old_system(box)     # on; needs furnish before

Nothing is random, so two boxes hold the same.
"""

import json
import os
from datetime import date, timedelta
from pathlib import Path

import prepare
from prepare import PI

HOME = "/home/pi/neopro"
CONFIGURATION = f"{HOME}/webapp/configuration.json"
SYNC_AGENT = f"{HOME}/sync-agent/.env"
SITE = "/etc/neopro/site.conf"
VIDEOS = f"{HOME}/videos"
BACKUPS = "/home/pi/neopro-backups"

# Must be found in no log, answer or file that others than pi and root can read.
SECRET = "s3cr3t-Jeton-de-Rennes-4f9d2c"

# Name below the videos' folder, and size in bytes; they take no room on the disk.
FILMS = {
    "accueil/Bienvenue au gymnase 🏟️.mp4": 48_000_000,
    "accueil/Règles d'or du club.mp4": 21_500_000,
    "matchs/2024-12-14 Cesson – Nantes (29-27) 🤾.mp4": 734_003_200,
    "matchs/Équipe 1 féminine : l'échauffement.mkv": 312_000_000,
    "sponsors/Boulangerie Le Goëlo 🥖.mp4": 12_582_912,
    "sponsors/Crédit & Associés — 20 s.mp4": 9_437_184,
    "Été 2024 ☀️ tournoi de sable.mov": 1_258_291_200,
}

OLD = Path(__file__).with_name("old")
OLD_UNITS = ["neopro-admin.service", "neopro-backup.service", "neopro-backup.timer"]


def configuration():
    """The club's main settings: some 100 KB of JSON."""
    teams = [f"{name} {number}" for name in ("Séniors", "Féminines", "U18", "U15", "École") for number in (1, 2)]
    return {
        "version": "2.4.1",
        "club": {"name": "Cercle Sportif de l'Île-aux-Moines", "city": "Rennes", "sport": "handball", "emoji": "🤾"},
        "sponsors": [
            {
                "id": f"sponsor-{number:03}",
                "name": f"Établissements Le Bihan n° {number}",
                "video": f"sponsors/annonce-{number:03}.mp4",
                "seconds": 8 + number % 13,
                "weight": 1 + number % 4,
                "teams": teams[: 1 + number % len(teams)],
                "active": number % 7 != 0,
            }
            for number in range(220)
        ],
        "playlists": [
            {
                "name": f"Avant-match {team}",
                "loop": True,
                "items": [f"sponsor-{(start * 17 + step) % 220:03}" for step in range(90)],
            }
            for start, team in enumerate(teams)
        ],
        "scoreboard": {"home": "#c8102e", "away": "#003da5", "periods": 2, "minutes": 30, "horn": True},
    }


def furnish(box, user="pi", owner=PI):
    """The club's files, with the owners and modes that they have in the field.

    Another club's `user` and its number, `owner`, must be there, with a home in /home.
    """
    home = f"/home/{user}/"
    box.secrets.add(SECRET)
    text = json.dumps(configuration(), ensure_ascii=False, indent=2)
    box.edit(CONFIGURATION.replace("/home/pi/", home), text, 0o644, owner)
    env = f"SERVER_URL=https://sync.example.org\nSITE_ID=rennes-01\nAPI_KEY={SECRET}\nSYNC_SECONDS=300\n"
    box.edit(SYNC_AGENT.replace("/home/pi/", home), env, 0o600, owner)
    site = 'SITE_NAME="Salle de l\'Île"\nSITE_ID=rennes-01\nSCREENS=2\nHOTSPOT_SSID=Neopro-Rennes\n'
    box.edit(SITE, site + "".join(f"# ligne d'explication n° {number}\n" for number in range(30)))
    for name, size in FILMS.items():
        _sparse(box, f"{VIDEOS}/{name}".replace("/home/pi/", home), size, owner)


def _sparse(box, path, size, owner):
    """A file of this size that takes no room."""
    box.edit(path, "", 0o644, owner)
    if box.is_on():
        box.run("truncate", f"--size={size}", path)
    else:
        os.truncate(prepare.inside(box.disk(), path), size)


def old_system(box, nights=(3, 2, 1)):
    """The installation that was made by hand: script, panel, units, and an archive of each night.

    `nights` are counted back from the box's today. The archives' names, oldest first, are returned.
    """
    box.edit(f"{HOME}/scripts/backup.sh", (OLD / "backup.sh").read_bytes(), 0o755, PI)
    box.edit(f"{HOME}/admin/server.pl", (OLD / "server.pl").read_bytes(), 0o644, PI)
    for unit in OLD_UNITS:
        box.edit(f"/etc/systemd/system/{unit}", (OLD / unit).read_bytes())
    today = date.fromisoformat(box.run("date", "+%F").strip())
    names = [_old_night(box, today - timedelta(days=back)) for back in sorted(nights, reverse=True)]
    box.run("systemctl", "daemon-reload")
    box.run("systemctl", "enable", "--quiet", "--now", "neopro-admin.service", "neopro-backup.timer")
    box.run("curl", "--silent", "--retry", "20", "--retry-connrefused", "http://127.0.0.1:8080/")
    return names


def _old_night(box, day):
    """Runs the old script as at 03:00:07 of that day, by a `date` before the real one in PATH."""
    moment = f"{day} 03:00:07"
    box.edit("/run/old-night/date", f"#!/bin/sh\nexec /usr/bin/date --date='{moment}' \"$@\"\n", 0o755)
    box.shell(f"PATH=/run/old-night:$PATH {HOME}/scripts/backup.sh", user="pi")
    box.run("rm", "-r", "/run/old-night")
    name = f"backup-{day:%Y%m%d}-030007.tar.gz"
    box.run("touch", f"--date={moment}", f"{BACKUPS}/{name}")
    return name
