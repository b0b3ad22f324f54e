"""The club's files put back on a whole box: by the panel, through its unit of systemd's; with a
program of the club's that does not like them; killed on the way; and from outside over SSH."""

import json
import os
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

import club
import package
from commands import finished, wait_for
from deployment import installed
from installation import BACKUP, CONFIG, Box
from prepare import PI

APP = "neopro-app.service"
RESUME = "neopro-restore-resume.service"
VERIFY = "neopro-backup-verify"
STARTS = "/var/lib/neopro-app.starts"
INTENT = "/var/lib/neopro-backup/restore/intent.json"
FILES = (club.CONFIGURATION, club.SYNC_AGENT, club.SITE)
FOLDERS = " ".join(str(Path(path).parent) for path in FILES)

# The club's program: reads its settings when it starts, and notes what it has read. Settings of
# some moods it does not bear.
PROGRAM = f"""#!/bin/bash
mood=$(jq -r .club.mood {club.CONFIGURATION})
case $1-$mood in
    check-refusing) exit 1 ;;
    check-*) exit 0 ;;
esac
echo "$mood" >>{STARTS}
case $mood in
    dying) sleep 3; exit 1 ;;
    looping) exit 1 ;;
esac
exec sleep infinity
"""
# It is started twice a minute at most, as systemd would have it after a few more attempts.
UNIT = """[Unit]
StartLimitIntervalSec=60
StartLimitBurst=2
[Service]
ExecStartPre=/usr/local/bin/neopro-app check
ExecStart=/usr/local/bin/neopro-app run
Restart=always
RestartSec=100ms
[Install]
WantedBy=multi-user.target
"""


def with_program(box):
    """The box has the club's program, which likes its settings."""
    box.edit("/usr/local/bin/neopro-app", PROGRAM, 0o755)
    box.edit(f"/etc/systemd/system/{APP}", UNIT)
    set_mood(box, "calm")
    box.shell(f"systemctl daemon-reload; systemctl enable --quiet --now {APP}")
    return box


def set_mood(box, mood, configuration=club.CONFIGURATION, owner=PI):
    """Another configuration."""
    content = club.configuration()
    content["club"]["mood"] = mood
    box.edit(configuration, json.dumps(content, ensure_ascii=False, indent=2), 0o644, owner)


def restore_club(box, *words, user="root", check=True):
    """packaging/restore-club, as a person runs it; the host stands where HOST does."""
    argv = [package.PROJECT / "packaging/restore-club", *(f"{user}@{box.address}" if word == "HOST" else word for word in words)]
    env = {**os.environ, "NEOPRO_SSH_OPTIONS": " ".join(box.ssh_options()), "LC_ALL": "en_US.UTF-8"}
    return finished(argv, check=check, timeout=120, env=env)


class Restoring(Box):
    """What both kinds of test ask of the box that `setUpClass` makes."""

    def state_of(self, inode=False):
        """Content, owner, mode and time of the club's files, and with `inode` whether they are the very same."""
        form = "%n %a %u:%g %y" + (" %i" if inode else "")
        return self.box.shell(f"sha256sum {' '.join(FILES)} 2>&1; stat --format='{form}' {' '.join(FILES)} 2>&1 || true")

    def starts(self):
        return self.box.read(STARTS).split()

    def app_runs_with(self, mood):
        self.box.wait_unit(APP, timeout=5)
        wait_for("the program's word", lambda: self.starts()[-1:] == [mood], 5)

    def app_starts_with(self, mood):
        set_mood(self.box, mood)
        self.box.shell(f"truncate --size=0 {STARTS}; systemctl reset-failed {APP}; systemctl restart {APP}")
        self.app_runs_with(mood)

    def one_backup(self):
        """As at night, as the panel makes only so many a minute."""
        self.box.run("systemctl", "start", BACKUP)
        return package.archives(self.box)[0]

    def restore(self, name, body=None, **headers):
        return self.box.http("POST", f"/api/backups/{name}/restore", body or {}, headers, timeout=90)

    def begun(self, name):
        """A restore whose files are in place, while its services are looked at; gives the job."""
        told = self.restore(name, Prefer="respond-async")
        self.assertEqual(told.status, 202, told.body)
        job = told.json["job"]
        wait_for("the check", lambda: self.box.http("GET", f"/api/jobs/{job}").json["step"] == "check", 30)
        return job

    def nothing_is_left(self):
        self.assertEqual(self.box.shell(f"find {FOLDERS} -name '.neopro-backup-*'"), "")
        self.assertFalse(self.box.exists(INTENT))
        self.assertEqual(self.box.run("systemctl", "is-system-running", check=False), "running\n")
        self.assertEqual(self.box.run("systemctl", "list-units", "--all", "--no-legend", "neopro-restore@*"), "")


class Restore(Restoring):
    """One box for all."""

    @classmethod
    def setUpClass(cls):
        cls.box = with_program(installed(cls.enterClassContext))

    def setUp(self):
        self.app_starts_with("calm")

    def test_what_was_changed_comes_back_whole_and_can_be_taken_back(self):
        self.box.shell(f"chown root:pi {club.SITE}; chmod 640 {club.SITE}")
        self.addCleanup(club.furnish, self.box)
        before, name = self.state_of(), self.one_backup()
        self.app_starts_with("lively")
        site = self.box.read(club.SITE).replace("SCREENS=2", "SCREENS=3")
        self.box.shell(f"rm {club.SYNC_AGENT}")
        self.box.edit(club.SITE, site)
        changed = self.state_of()

        told = self.restore(name)
        self.assertEqual((told.status, told.json["success"]), (200, True), told.body)
        self.assertEqual(self.state_of(), before, "content, owner, mode, time")
        self.app_runs_with("calm")
        self.assertEqual(self.starts(), ["lively", "calm"], "started anew, once")
        self.nothing_is_left()

        last = self.box.http("GET", "/api/restore").json
        self.assertEqual((last["last"]["state"], last["undo"]["archive"]), ("done", name))
        told = self.box.http("POST", "/api/restore/undo", timeout=90)
        self.assertEqual(told.status, 200, told.body)
        self.assertEqual(self.state_of(), changed, "also what was not there")
        self.app_runs_with("lively")
        self.nothing_is_left()
        self.assertEqual(self.box.http("POST", "/api/restore/undo").status, 409)

    def test_a_new_box_is_the_old_one_within_a_minute(self):
        """A club of 5,000 videos and settings of 100 KB, brought over the network to a box without any."""
        self.addCleanup(club.furnish, self.box)
        more = f"{club.VIDEOS}/MORE"
        self.box.shell(f"mkdir {more}; cd {more}; seq --format='But n° %.0f – équipe.mp4' 5000 | tr '\\n' '\\0' | xargs -0 truncate --size=5M")
        self.addCleanup(self.box.run, "rm", "-rf", more)
        before, name = self.state_of(), self.one_backup()
        archive = self.box.http("GET", f"/api/backups/download/{name}").body
        self.assertEqual(self.box.http("DELETE", f"/api/backups/{name}").status, 200)
        self.box.run("rm", *FILES)
        self.box.shell(f"systemctl stop {APP}; truncate --size=0 {STARTS}")

        begun = time.monotonic()
        told = self.box.http("POST", "/api/backups/import", archive, {"Content-Type": "application/gzip"})
        self.assertEqual((told.status, told.json["name"]), (201, name), told.body)
        told = self.restore(name, Prefer="respond-async")
        self.assertEqual(told.status, 202, told.body)
        wait_for("the program's word", lambda: self.starts() == ["calm"], 60)
        took = time.monotonic() - begun
        print(f"from the upload of {len(archive) >> 10} KiB to the program's start: {took:.1f} s", file=sys.stderr)
        self.assertLess(took, 60)
        wait_for("the end", lambda: self.box.http("GET", f"/api/jobs/{told.json['job']}").json["state"] == "succeeded", 60)
        # The job's last word is not its unit's, which looks whether anything is left to be done.
        wait_for("the unit's end", lambda: not self.box.run("systemctl", "list-units", "--all", "--no-legend", "neopro-restore@*"), 30)
        self.assertEqual(self.state_of(), before, "content, owner, mode, time")
        self.nothing_is_left()

    def test_missing_videos_come_back_where_they_are_archived_too(self):
        clips, film = "/home/pi/neopro/clips", "/home/pi/neopro/clips/U18 Élite/but.mp4"
        settings = self.box.read(CONFIG)

        def configure(text):
            self.box.edit(CONFIG, text)
            self.box.shell("systemctl daemon-reload; systemctl restart neopro-admin.service")

        def state():
            return self.box.shell(f"sha256sum '{film}'; stat --format='%a %U:%G %Y' '{film}'")

        self.box.shell(f"mkdir -p '{Path(film).parent}'; head -c 300000 /dev/urandom >'{film}'; chown -R pi:pi {clips}")
        self.addCleanup(configure, settings)
        self.addCleanup(self.box.run, "rm", "-rf", clips)
        configure(f'{settings}\n[[inventories]]\nmember = "clips.txt"\npath = "{clips}"\ninclude = true\n')
        before, name = state(), self.one_backup()
        self.box.run("rm", "-r", str(Path(film).parent))
        told = self.restore(name)
        self.assertEqual(told.status, 200, told.body)
        self.assertEqual(state(), before, "content, owner, mode, time")
        self.assertEqual(self.box.shell(f"stat --format=%U '{Path(film).parent}'"), "pi\n")
        self.nothing_is_left()

    def test_settings_that_the_program_does_not_bear_are_taken_back(self):
        for mood in ("refusing", "dying", "looping"):
            with self.subTest(mood):
                set_mood(self.box, mood)
                name = self.one_backup()
                self.app_starts_with("calm")
                before = self.state_of(inode=True)
                told = self.restore(name, {"members": ["configuration.json"]})
                self.assertEqual((told.status, told.json["code"]), (409, "service_failed"), told.body)
                self.assertEqual(self.state_of(inode=True), before)
                self.app_runs_with("calm")
                self.assertEqual(self.box.http("GET", "/api/restore").json["last"]["state"], "rolled_back")
                self.nothing_is_left()

    def test_what_would_change_is_told_and_secrets_are_not(self):
        name = self.one_backup()
        self.addCleanup(club.furnish, self.box)
        set_mood(self.box, "lively")
        other = "n0uveau-Jeton-8a7b6c"
        self.box.secrets.add(other)
        self.box.shell(f"sed -i 's/^API_KEY=.*/API_KEY={other}/' {club.SYNC_AGENT}")
        before = self.state_of(inode=True)
        told = self.box.http("GET", f"/api/backups/{name}/diff?with=live")
        self.assertEqual(told.status, 200, told.body)
        self.assertEqual(self.state_of(inode=True), before)
        for secret in (club.SECRET, other):
            self.assertNotIn(secret, told.body.decode())
        members = {member["member"]: member for member in told.json["members"]}
        self.assertEqual(
            {name: member["state"] for name, member in members.items()},
            {"configuration.json": "changed", "sync-agent.env": "changed", "site.conf": "same", "videos-inventory.txt": "same"},
        )
        [mood] = members["configuration.json"]["changes"]
        self.assertEqual((mood["before"], mood["after"]), ('"calm"', '"lively"'))
        self.assertEqual([file.get("problem") for file in told.json["files"]], [None] * 3, "all of it can be put back")
        self.assertEqual(self.box.shell("ls /run/neopro-backup/restore"), "", "question and answer are gone")
        self.nothing_is_left()

    def test_a_refused_restore_is_told_and_leaves_no_failed_unit(self):
        name = self.one_backup()
        self.addCleanup(self.box.edit, club.SITE, self.box.read(club.SITE))
        self.box.edit(club.SITE, self.box.read(club.SITE).replace("l\\'Île", "Nantes").replace("Île", "Nantes"))
        before = self.state_of(inode=True)
        told = self.restore(name)
        self.assertEqual((told.status, told.json["code"]), (409, "other_club"), told.body)
        self.assertEqual(self.state_of(inode=True), before)
        self.nothing_is_left()

    def test_a_folder_that_became_a_link_is_seen_as_one(self):
        """Also by root in a sandbox, to whom systemd could show what it leads to in its place."""
        name, folder = self.one_backup(), str(Path(club.CONFIGURATION).parent)
        self.box.run("install", "-d", "/srv/other")
        self.box.edit("/srv/other/configuration.json", "{}")
        self.box.shell(f"mv {folder} {folder}.real && ln -s /srv/other {folder}", user="pi")
        try:
            told = self.restore(name)
            self.assertEqual(told.json["code"], "target_link", told.body)
            self.assertEqual(self.box.shell("ls -A /srv/other; cat /srv/other/*"), "configuration.json\n{}")
        finally:
            self.box.shell(f"rm {folder} && mv {folder}.real {folder}", user="pi")
        self.nothing_is_left()

    def test_a_killed_restore_goes_back_at_once(self):
        name = self.one_backup()
        self.app_starts_with("lively")
        before = self.state_of(inode=True)
        job = self.begun(name)
        self.app_runs_with("calm")
        self.assertNotEqual(self.state_of(inode=True), before)
        self.box.run("systemctl", "kill", "--signal=KILL", f"neopro-restore@{job}.service")
        self.box.wait_unit(f"neopro-restore@{job}.service", "inactive")
        self.assertEqual(self.state_of(inode=True), before)
        self.app_runs_with("lively")
        self.assertEqual(self.box.http("GET", f"/api/jobs/{job}").json["state"], "interrupted")
        self.assertEqual(self.box.http("GET", "/api/restore").json["last"]["state"], "interrupted")
        self.nothing_is_left()
        self.one_backup()

    def test_stopped_in_order_it_is_done_to_its_end(self):
        before, name = self.state_of(), self.one_backup()
        self.app_starts_with("lively")
        job = self.begun(name)
        self.box.run("systemctl", "stop", f"neopro-restore@{job}.service")
        self.assertEqual(self.box.http("GET", f"/api/jobs/{job}").json["state"], "succeeded")
        self.assertEqual(self.state_of(), before)
        self.app_runs_with("calm")
        self.nothing_is_left()

    def test_it_needs_each_of_its_rights(self):
        """One less, and files of the club's user cannot be put back as they were."""
        before, name = self.state_of(), self.one_backup()
        for right in self.box.show("neopro-restore@restore-000000000000-00000000.service", "CapabilityBoundingSet").split():
            with self.subTest(right):
                drop_in = "/run/systemd/system/neopro-restore@.service.d/less.conf"
                self.box.edit(drop_in, f"[Service]\nCapabilityBoundingSet=~{right.upper()}\n")
                self.box.run("systemctl", "daemon-reload")
                try:
                    self.app_starts_with("lively")
                    self.restore(name)
                    self.assertNotEqual(self.state_of(), before)
                finally:
                    self.box.shell(f"rm {drop_in}; systemctl daemon-reload")
        self.app_starts_with("lively")
        self.assertEqual(self.restore(name).status, 200)
        self.assertEqual(self.state_of(), before)

    def test_an_instance_s_name_cannot_become_another_option(self):
        before = self.state_of(inode=True)
        for word in ("--undo", "--yes", "x", "restore-000000000000-00000000 --yes", "restore-000000000000-00000000"):
            escape = ["systemd-escape", "--template=neopro-restore@.service", "--", word]
            unit = self.box.run(*escape).strip()
            self.assertFalse(self.box.succeeds("systemctl", "start", "--", unit), unit)
        self.assertEqual(self.state_of(inode=True), before)
        self.nothing_is_left()

    # Every week

    def test_a_damaged_archive_is_told_every_week(self):
        self.assertEqual(self.box.run("systemctl", "is-enabled", f"{VERIFY}.timer"), "enabled\n")
        due = datetime.fromisoformat(" ".join(self.box.show(f"{VERIFY}.timer", "NextElapseUSecRealtime").split()[1:3]))
        self.assertLess(due - datetime.now(), timedelta(days=8))
        good, bad = self.one_backup(), self.one_backup()
        self.box.run("systemctl", "start", f"{VERIFY}.service")
        self.box.shell(f"printf X | dd of={club.BACKUPS}/{bad} bs=1 seek=3000 conv=notrunc status=none")
        try:
            self.assertFalse(self.box.succeeds("systemctl", "start", f"{VERIFY}.service"))
            self.assertEqual(self.box.show(f"{VERIFY}.service", "Result"), "exit-code", "seen by monitoring")
            self.assertRegex(self.box.journal(f"{VERIFY}.service", 20), f"{bad}  endommagée")
            lines = [line for line in self.box.read(f"{club.BACKUPS}/backup.log").splitlines() if "est endommagée" in line]
            self.assertEqual(len(lines), 1, lines)
            self.assertRegex(lines[0], f" ERROR {bad} est endommagée")
            known = {one["name"]: one["verification"] for one in self.box.http("GET", "/api/backups").json["backups"]}
            self.assertEqual((known[good], known[bad]), ("verified", "damaged"))
        finally:
            self.box.shell(f"rm {club.BACKUPS}/{bad}; systemctl reset-failed {VERIFY}.service")

    def test_the_switch_of_the_night_leaves_the_week_on(self):
        self.box.run("neopro-backup", "auto", "off")
        self.addCleanup(self.box.run, "neopro-backup", "auto", "on")
        self.assertEqual(self.box.show(f"{VERIFY}.timer", "ActiveState"), "active")

    # From outside

    def test_from_another_computer(self):
        name = self.one_backup()
        before = self.state_of()
        with tempfile.TemporaryDirectory() as folder:
            here = Path(folder) / "of the club.tar.gz"
            here.write_bytes(self.box.http("GET", f"/api/backups/download/{name}").body)
            self.box.http("DELETE", f"/api/backups/{name}")
            self.app_starts_with("lively")
            changed, listed = self.state_of(), package.archives(self.box)

            done = restore_club(self.box, here, "HOST", "--dry-run", user="pi")
            self.said(done, 'club.mood: "calm" -> "lively"', "configuration.json -> " + club.CONFIGURATION)
            self.assertEqual((self.state_of(), package.archives(self.box)), (changed, listed))

            done = restore_club(self.box, here, "HOST", "--yes", user="pi")
            self.said(done, f"Restored: 3 files put back from {name}", "--undo")
            self.assertEqual(self.state_of(), before)
            self.app_runs_with("calm")
            self.assertIn(name, package.archives(self.box))

            done = restore_club(self.box, "HOST", "--undo", "--yes", user="pi")
            self.said(done, "Restore undone")
            self.assertEqual(self.state_of(), changed)
            self.app_runs_with("lively")

            done = restore_club(self.box, here, "HOST", "--only", "site.conf", "--yes")
            self.said(done, "Restored: 1 file put back")
            self.assertEqual(self.state_of(), changed, "that one was not changed")
        self.assertEqual(self.box.shell("ls -d /tmp/neopro-restore* || true"), "", "nothing is left in /tmp")
        self.nothing_is_left()

    def test_from_another_computer_nothing_is_done_that_was_not_asked(self):
        listed, before = package.archives(self.box), self.state_of(inode=True)
        with tempfile.TemporaryDirectory() as folder:
            here = Path(folder) / "x.tar.gz"
            here.write_bytes(b"no archive")
            done = restore_club(self.box, here, "HOST", "--yes", check=False)
            self.assertEqual(done[0], 1)
            self.said(done, "the archive was not taken in; nothing was changed")
            done = restore_club(self.box, here, "HOST", check=False)
            self.assertEqual(done[0], 2)
            self.said(done, "--yes or --dry-run")
            for words in ([], [here], ["HOST", "--undo", "--only", "a"], [here, "HOST", "--frob"], [here, "HOST", "--only"]):
                self.assertEqual(restore_club(self.box, *words, "--yes", check=False)[0], 2, words)
        name = self.one_backup()
        with tempfile.TemporaryDirectory() as folder:
            here = Path(folder) / "x.tar.gz"
            here.write_bytes(self.box.http("GET", f"/api/backups/download/{name}").body)
            self.box.http("DELETE", f"/api/backups/{name}")
            done = restore_club(self.box, here, "HOST", "--only", "passwd", "--yes", check=False)
            self.assertEqual(done[0], 1)
            self.said(done, f"passwd is not in", "nothing was changed")
        self.assertEqual((package.archives(self.box), self.state_of(inode=True)), (listed, before))


class PowerCut(Restoring):
    """The plug is pulled while the files of the archive are in place."""

    def cut(self, before_boot=lambda: None):
        self.box = with_program(installed(self.enterContext))
        name = self.one_backup()
        self.app_starts_with("lively")
        before = self.state_of(inode=True)
        job = self.begun(name)
        # The kernel ends systemd a moment before the others: nobody may see that and go back.
        self.box.run("systemctl", "kill", "--signal=STOP", f"neopro-restore@{job}.service")
        self.box.pull_the_plug()
        self.assertIn('"calm"', self.box.read(club.CONFIGURATION))
        self.assertTrue(self.box.exists(INTENT))
        self.box.edit(STARTS, "")
        before_boot()
        # A panel without its directory is not ready.
        self.box.boot(wait=False)
        wait_for("the program", lambda: self.box.exists(STARTS) and self.starts(), 60)
        self.app_runs_with("lively")
        return before, self.starts()

    def test_the_files_of_before_are_back_before_the_program_starts(self):
        before, starts = self.cut()
        self.assertEqual(self.state_of(inode=True), before)
        self.assertEqual(starts, ["lively"])
        package.answers(self.box)
        self.assertEqual(self.box.http("GET", "/api/restore").json["last"]["state"], "interrupted")
        self.box.wait_running()
        self.nothing_is_left()
        self.one_backup()
        self.box.reboot()
        self.assertEqual(self.box.show(RESUME, "ConditionResult"), "no", "once")

    def test_a_disk_of_backups_that_is_away_keeps_nobody_from_it(self):
        def unplug():
            disk = self.box.disk() / club.BACKUPS.lstrip("/")
            disk.rename(disk.with_name("away"))

        before, starts = self.cut(unplug)
        self.assertEqual(self.state_of(inode=True), before)
        self.assertEqual(starts, ["lively"])
        self.assertFalse(self.box.exists(INTENT))
