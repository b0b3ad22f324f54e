"""A club in a folder of its own, and the real program at work on it.

    club = Club(folder)                  # three files, no videos; backups, state and run beside them
    club.run()                           # one backup; its result
    club.said("list", "--json")          # any command, whatever its exit status

The program is NEOPRO_BACKUP_BIN, or else the release build of this tree, which is made where
there is none. Every process that is started here is waited for.
"""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

TREE = Path(__file__).resolve().parents[2]
# The field's zone, written so that no machine needs a zone database for it.
ZONE = "CET-1CEST,M3.5.0,M10.5.0/3"
# Long past what a loaded machine needs: it only ends what would never end.
PATIENCE = 120

FILES = {
    "configuration.json": ("webapp/configuration.json", '{"version": "2.0", "name": "Club d\'Évreux"}\n', 0o644),
    "sync-agent.env": ("sync-agent/.env", "SITE_ID=evreux\nAPI_TOKEN=deadbeef\n", 0o600),
    "site.conf": ("site.conf", 'SITE_NAME="Gymnase d\'Évreux"\n', 0o640),
}


def program():
    """The path of the program under test."""
    named = os.environ.get("NEOPRO_BACKUP_BIN")
    if named:
        return Path(named).resolve()
    built = Path(os.environ.get("CARGO_TARGET_DIR", TREE / "target")) / "release/neopro-backup"
    if not built.exists():
        subprocess.run(["cargo", "build", "--release", "--locked"], cwd=TREE, check=True)
    return built


@dataclass
class Said:
    """What a command answered."""

    status: int
    out: str
    err: str

    def json(self):
        return json.loads(self.out)


class Club:
    """`backups`, `state` and `runtime` may lie elsewhere; `more` is added to the configuration.

    A club that is there already is taken as it is.
    """

    def __init__(self, folder, backups=None, state=None, runtime=None, more=""):
        self.folder = Path(folder)
        self.backups = Path(backups or self.folder / "backups")
        self.state = Path(state or self.folder / "state")
        self.runtime = Path(runtime or self.folder / "run")
        self.videos = self.folder / "videos"
        self.configuration = self.folder / "config.toml"
        self.files = [path for path, _, _ in FILES.values()]
        self.program = program()
        self.runtime.mkdir(parents=True, exist_ok=True)
        if not self.configuration.exists():
            self._furnish(more)

    def _furnish(self, more):
        for place in (self.backups, self.state, self.videos):
            place.mkdir(parents=True, exist_ok=True)
        for path, content, mode in FILES.values():
            place = self.folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(content)
            place.chmod(mode)
        self.configure(more)

    def configure(self, more=""):
        """Writes the configuration anew, with these sections at its end."""
        lines = ["[paths]", f"backups = '{self.backups}'", f"state = '{self.state}'", f"runtime = '{self.runtime}'"]
        for member, (path, _, _) in FILES.items():
            required = str(member == "configuration.json").lower()
            lines += ["[[files]]", f"member = '{member}'", f"path = '{self.folder / path}'", f"required = {required}"]
        lines += ["[[inventories]]", "member = 'videos-inventory.txt'", f"path = '{self.videos}'"]
        # Nothing is waited for that no systemd will do here.
        lines += ["[restore]", "check_seconds = 0", more]
        self.configuration.write_text("\n".join(lines) + "\n")

    def arguments(self, *arguments):
        """The words of a command line."""
        return [str(self.program), *map(str, arguments), "--config", str(self.configuration)]

    def environment(self, **more):
        """In the field's zone, and in no other's language."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return {**kept, "TZ": ZONE, "LANG": "C.UTF-8", **more}

    def said(self, *arguments, before=(), environment=None, patience=PATIENCE):
        """Runs a command to its end, behind another one such as `strace` where `before` names it."""
        done = subprocess.run(
            [*map(str, before), *self.arguments(*arguments)],
            env=environment or self.environment(), stdin=subprocess.DEVNULL, capture_output=True, timeout=patience,
        )
        return Said(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))

    def done(self, *arguments, **options):
        """The same of what must succeed."""
        said = self.said(*arguments, **options)
        assert said.status == 0, f"{arguments}: {said}"
        return said

    def run(self, **options):
        """One backup that must succeed; its archive's name."""
        self.done("run", **options)
        return self.status()["archive"]

    def status(self):
        """`last-backup-status.json`."""
        return json.loads((self.backups / "last-backup-status.json").read_bytes())

    def last_status(self):
        """The same; none before the first backup."""
        return self.status() if (self.backups / "last-backup-status.json").exists() else None

    def listed(self):
        """What `list` says, newest first."""
        return self.done("list", "--json").json()
