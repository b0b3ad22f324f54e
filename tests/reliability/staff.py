"""What a club does with its box, step by step, with what must be on the card after each.

    history = Staff(club, random).live()   # a list of steps, each with what stood after it

A step is acknowledged when its command has ended well: from then on a power cut may not take it
back. While it goes on, the card may hold what was before or what comes after.
"""

import hashlib
import os
import time
from dataclasses import dataclass, field


@dataclass
class Holdings:
    """What the card holds for people."""

    archives: dict = field(default_factory=dict)  # name: digest of its bytes
    pins: frozenset = frozenset()
    files: dict = field(default_factory=dict)  # the club's own files: path, bytes
    job: str = None  # of which run the status speaks


@dataclass
class Step:
    """What was done, and where in the disk's log it began and was acknowledged."""

    what: str
    begun: int
    done: int
    after: Holdings


def holdings(club):
    """What it holds now, by the files themselves."""
    archives = {file.name: digest(file) for file in club.backups.glob("backup-*.tar.gz")}
    pins = {pin.name for pin in club.state.glob("pins/*")} & set(archives)
    files = {path: (club.folder / path).read_bytes() for path in club.files}
    status = club.last_status()
    return Holdings(archives, frozenset(pins), files, status and status["job"])


def digest(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


class Staff:
    """People and nights, drawn by `random`; `position` says how long the disk's log is."""

    def __init__(self, club, random, position):
        self.club, self.random, self.position = club, random, position
        self.now = holdings(club)
        self.restored = False

    def live(self, steps):
        """So many steps; the first is a backup."""
        return [self._step(what) for what in ["run", *(self._draw() for _ in range(steps - 1))]]

    def _draw(self):
        return self.random.choice(["run", "run", "change", "pin", "unpin", "delete", "prune", "restore", "undo"])

    def _step(self, what):
        begun = self.position()
        getattr(self, f"_{what}")()
        done = self.position()
        self.now = holdings(self.club)
        # The kernel writes by itself what nobody has synced: some of it, before the next step.
        time.sleep(self.random.choice([0, 0, 0.3, 1.2]))
        return Step(what, begun, done, self.now)

    def _any(self, names):
        return self.random.choice(sorted(names)) if names else None

    def _run(self):
        self.club.run()

    def _change(self):
        """The club's program replaces its settings, as programs should."""
        path = self.club.folder / "webapp/configuration.json"
        new = path.with_suffix(".new")
        with open(new, "wb") as file:
            # Too long and too uneven for one block of the archive.
            file.write(b'{"secret": "%s"}' % self.random.randbytes(12_000).hex().encode())
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def _pin(self):
        name = self._any(set(self.now.archives) - self.now.pins)
        if name:
            self.club.done("pin", name)

    def _unpin(self):
        name = self._any(self.now.pins)
        if name:
            self.club.done("unpin", name)

    def _delete(self):
        name = self._any(set(self.now.archives) - self.now.pins)
        if name and len(self.now.archives) > 3:
            self.club.done("delete", name)

    def _prune(self):
        self.club.done("prune")

    def _restore(self):
        self.club.done("restore", self._any(self.now.archives), "--yes")
        self.restored = True

    def _undo(self):
        if self.restored:
            self.club.done("restore", "--undo", "--yes")
            self.restored = False
