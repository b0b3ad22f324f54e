"""The commands whose system calls are failed, each with a club of its own, and what must hold after.

A command is tried again and again from the same beginning: `again()`. `judge(tampered, call, fault)`
gives what is not as it was promised, in words; it looks at the club from outside and by the
program's own commands, which meet no fault any more.
"""

import json
import os
import re
import time
from pathlib import Path

from club import Club
from tampered import CHANGING, KILL, Kept, calls_of

ARCHIVE = re.compile(r"backup-\d{8}-\d{6}\.tar\.gz")
FILES = ("webapp/configuration.json", "sync-agent/.env", "site.conf")
DAY = 86_400
# The test's clubs have no services, and no systemd that manages them.
MORE = '[schedule]\nmanager = "local"\n[ui]\nlanguage = "en"\n'

# Changes that may fail in silence, and why nothing is lost by it.
HARMLESS = {
    r"/run/jobs/": "events of a job for who looks at it now; in memory, and gone at the next start",
    r"unlinkat\(.*\.scratch": "a copy that was only tried; the next run sweeps it away",
    r"/run/last-backup-status\.json": "a status in memory, which is not there where the card took it",
    r"/lock>|run\.lock>": "the name in a free lock; the status of that job says that it has ended",
    r"(write)\([12]<": "what is said; nobody can be told that nothing can be said",
}


def warnings_of(said):
    """What it warned of, without times and the job's name."""
    return set(re.findall(r" WARN (.*?)(?: job=\S+)?$", said.err, re.MULTILINE))


class Command:
    """One command of the program's; a class a command."""

    name = ""

    def __init__(self, folder):
        self.club = Club(Path(folder) / self.name, more=MORE)
        self.prepare()
        self.kept = Kept(self.club.folder)
        self.before = self.archives()
        self.count()

    def count(self):
        """Numbers the calls, from the same beginning as every trial has."""
        self.again()
        said, self.calls = calls_of(self.club, *self.arguments)
        assert said.status == self.usual, f"{self.name}: {said}"
        self.warnings = warnings_of(said)

    #: What it answers when nothing is wrong.
    usual = 0

    def prepare(self):
        """Two archives that verify, and empty ones: two that retention will not keep, one that is
        pinned, and one that only what was chosen in the panel keeps."""
        self.good = [self.club.run(), self.club.run()]
        (self.club.state / "settings.json").write_text('{"retention": {"days": 30}}')
        self.chosen, self.pinned = self.empty(20), self.empty(50)
        self.club.done("pin", self.pinned)
        self.expired = [self.empty(40), self.empty(41)]

    def empty(self, days):
        """An empty file that is named and dated as an archive of so many days ago."""
        then = time.time() - days * DAY
        path = self.club.backups / time.strftime("backup-%Y%m%d-%H%M%S.tar.gz", time.localtime(then))
        path.touch()
        os.utime(path, (then, then))
        return path.name

    def again(self):
        self.kept.back()

    def archives(self):
        found = (path for path in self.club.backups.iterdir() if ARCHIVE.fullmatch(path.name))
        return {path.name: path.read_bytes() for path in found}

    # What must hold.

    def judge(self, tampered, call, fault):
        """What is wrong, in words; nothing where all is as promised."""
        said, wrong = tampered.said, []
        if fault == KILL or (said.status == 127 and ".so" in tampered.line):
            pass  # Killed; or the loader's own error, before there is a program.
        elif said.status == 2 and "config.toml" in tampered.line and "config.toml" in said.err:
            pass  # What is configured cannot be read: told as any other mistake in it.
        elif "panicked" in said.err or said.status not in (0, 1):
            wrong.append(f"exit status {said.status}")
        elif fault == "EINTR" and said.status != self.usual:
            wrong.append("interrupted, which is no error")
        elif said.status == 1 and self.usual == 0:
            wrong += self.speechless(tampered)
        elif said.status == 0:
            wrong += self.broken(tampered)
            if fault != "EINTR" and call.kind in CHANGING and self.is_silent(tampered):
                wrong.append("it failed, and nobody was told")
        return wrong + self.untouched(tampered) + self.sound(tampered)

    def speechless(self, tampered):
        """A failure says what failed, unless it is the saying that failed."""
        names = re.search(r"/\S|backup-\d", re.sub(r"^\S+Z", "", tampered.said.err))
        return [] if names or "write(2<" in tampered.line else ["no sentence that names what failed"]

    def is_silent(self, tampered):
        """Whether nobody was told of a failure that matters."""
        if any(re.search(place, tampered.line) for place in HARMLESS):
            return False
        return not warnings_of(tampered.said) - self.warnings

    def broken(self, tampered):
        """What exit status 0 promises and is not so."""
        return []

    def may_go(self):
        """Archives that this command may delete."""
        return set()

    def untouched(self, tampered):
        """Every archive that was there is there with every byte, but for those that may go."""
        now, wrong = self.archives(), []
        for name, content in self.before.items():
            if now.get(name, None if name in self.may_go() else b"gone") not in (content, None):
                wrong.append(f"{name} is not as it was")
        return wrong

    def sound(self, tampered):
        """All that is listed verifies; a run goes well, leaves nothing of a killed one, and lists all in order."""
        wrong = []
        try:
            status = self.club.status()
            assert isinstance(status["success"], bool)
        except (ValueError, KeyError, AssertionError, FileNotFoundError) as error:
            return [f"the status is not whole: {error!r}"]
        verified = self.club.said("verify", "--all", "--json").json()
        doubtful = {self.chosen, self.pinned, *self.expired}
        wrong += [f"listed, and {v['verification']}: {v}" for v in verified
                  if v["verification"] != "verified" and v["name"] not in doubtful]  # fmt: skip
        wrong += [f"not listed: {name}" for name in self.archives() if name not in {v["name"] for v in verified}]
        there = self.archives()
        said = self.club.said("run")
        if said.status != 0:
            return [*wrong, f"the next run fails: {said.err}"]
        # A restore's own folder in the state directory is swept by the next restore.
        left = [path for place in (self.club.backups, self.club.state) for path in place.glob(".neopro-backup-*")]
        wrong += [f"left by the next run: {path}" for path in left]
        status, listed = self.club.status(), self.club.listed()["backups"]
        names = [backup["name"] for backup in listed]
        if not status["success"] or not names or status["archive"] != names[0]:
            wrong.append(f"the next run's archive is not the newest: {status['archive']} of {names}")
        sequences = [backup["sequence"] for backup in listed if backup["sequence"] is not None]
        if len(set(sequences)) != len(sequences):
            wrong.append(f"numbers that are given twice: {sequences}")
        wrong += [f"the next run lost {name}" for name in there if name not in names and name not in self.expired]
        wrong += [f"the next run kept {name}" for name in self.expired if name in names]
        return wrong

    def is_pinned(self, name):
        return (self.club.state / "pins" / name).exists()


class Run(Command):
    """A backup, which reads what nobody has read and lets go of what is too old."""

    name, arguments = "run", ["run"]

    def may_go(self):
        return set(self.expired) if set(self.archives()) - set(self.before) else set()

    def speechless(self, tampered):
        wrong = super().speechless(tampered)
        status = self.status()
        if self.is_fresh(status):
            if status.get("success") or not status.get("error"):
                wrong.append("exit status 1, and a status that says nothing of it")
        elif not self.is_before_the_status(tampered):
            wrong.append("exit status 1, and the status of the run before")
        return wrong

    def is_before_the_status(self, tampered):
        """What fails before there is a store to tell of it, or while the status itself is replaced."""
        return "config.toml" in tampered.line or ".so" in tampered.line

    def broken(self, tampered):
        status, made = self.status(), set(self.archives()) - set(self.before)
        if not self.is_fresh(status) or not status.get("success") or {status.get("archive")} != made:
            return [f"exit status 0, archives {made}, and the status {status}"]
        return []

    def status(self):
        try:
            return self.club.status()
        except (ValueError, FileNotFoundError):
            return {}

    def is_fresh(self, status):
        before = json.loads(self.kept.files[self.club.backups / "last-backup-status.json"][0])
        return status.get("job") != before["job"]


class Prune(Command):
    name, arguments = "prune", ["prune"]

    def prepare(self):
        super().prepare()
        # So that it has nothing to read, and its calls are those of the prune alone.
        self.club.said("verify", "--all")

    def may_go(self):
        return set(self.expired)

    def broken(self, tampered):
        # One that the card does not show is left for the next time, and does not keep the others.
        shown = [name for name in self.expired if not re.search(rf"statx\(.*{name}", tampered.line)]
        return [f"exit status 0, and {name} is there" for name in shown if name in self.archives()]


class Pin(Command):
    name = "pin"

    @property
    def arguments(self):
        return ["pin", self.good[0]]

    def broken(self, tampered):
        return [] if self.is_pinned(self.good[0]) else ["exit status 0, and no pin"]


class Unpin(Command):
    name = "unpin"

    @property
    def arguments(self):
        return ["unpin", self.good[0]]

    def prepare(self):
        super().prepare()
        self.club.done("pin", self.good[0])

    def broken(self, tampered):
        return ["exit status 0, and a pin"] if self.is_pinned(self.good[0]) else []


class Delete(Command):
    name = "delete"

    @property
    def arguments(self):
        return ["delete", self.good[0]]

    def may_go(self):
        return {self.good[0]}

    def broken(self, tampered):
        return ["exit status 0, and it is there"] if self.good[0] in self.archives() else []


class DeletePinned(Command):
    """A pin is a promise: what is pinned is not deleted, whatever the card answers."""

    name, usual = "delete-pinned", 1

    @property
    def arguments(self):
        return ["delete", self.good[0]]

    def prepare(self):
        super().prepare()
        self.club.done("pin", self.good[0])

    def broken(self, tampered):
        return ["exit status 0, of what is pinned"]


class Restore(Command):
    """A restore that replaces two files and makes a third; the safety copy is pinned."""

    name = "restore"

    @property
    def arguments(self):
        return ["restore", self.good[0], "--yes"]

    def prepare(self):
        super().prepare()
        self.new = self.files()
        (self.club.folder / FILES[0]).write_text('{"name": "spoiled"}\n')
        (self.club.folder / FILES[1]).write_text("SITE_ID=spoiled\n")
        (self.club.folder / FILES[2]).unlink()
        self.old = self.files()

    def files(self):
        paths = ((name, self.club.folder / name) for name in FILES)
        return {name: (path.read_bytes(), path.stat().st_mode) for name, path in paths if path.exists()}

    def may_go(self):
        return set(self.expired)

    def broken(self, tampered):
        return [] if self.files() == self.new else ["exit status 0, and not the new files"]

    def sound(self, tampered):
        """The next start goes back or finds nothing to do: all files are the old or the new."""
        wrong = []
        said = self.club.said("restore", "--resume")
        if said.status != 0:
            wrong.append(f"no way back: {said.err}")
        now = self.files()
        if now not in (self.old, self.new):
            wrong.append(f"some of each: {now}")
        beside = [path for name in FILES for path in (self.club.folder / name).parent.glob(".*.partial")]
        wrong += [f"left beside the club's files: {path}" for path in beside]
        last = self.club.state / "restore.json"
        safety = json.loads(last.read_bytes()).get("undo") if last.exists() else None
        pins = {path.name for path in (self.club.state / "pins").iterdir()} - {self.pinned}
        # Of a restore whose note cannot be read the copy stays pinned: a pin too many loses nothing.
        if pins != ({safety["safety"]} if safety else set()) and "restore.json" not in tampered.line:
            wrong.append(f"pins: {pins}, and the way back is {safety}")
        return wrong + super().sound(tampered)


class Undo(Restore):
    """The same, taken back."""

    name, arguments = "undo", ["restore", "--undo", "--yes"]

    def prepare(self):
        super().prepare()
        before = self.old
        self.club.done("restore", self.good[0], "--yes")
        self.old, self.new = self.files(), before


ALL = (Run, Restore, Undo, Prune, Pin, Unpin, Delete, DeletePinned)
