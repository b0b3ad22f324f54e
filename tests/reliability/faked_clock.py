"""A wall clock that a program believes in: libfaketime, told by a file, so that it can be moved
while the program runs.

    clock = FakedClock(club)
    clock.passes(24 * HOUR)              # a night later, for every process of this clock
    clock.moves(-HOUR)                   # set back, though no time has passed
    club.run(environment=clock.environment())

The clock since boot cannot be faked with it. Where time passes or the box restarts, what the
last run remembered of that clock (`STATE/clock.json`) is put back by as much, or given the name
of another boot: the next run finds just what it would have found.
"""

import json
import time
from datetime import datetime, timezone
from pathlib import Path

from figures import skip

HOUR = 3600
DAY = 24 * HOUR


def installed():
    """Where libfaketime is; none where it is not installed."""
    return min(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), default=None)


def library():
    """The same for who cannot work without it."""
    return installed() or skip("needs libfaketime (apt-get install libfaketime)")


class FakedClock:
    """Right, and at the machine's own time, until it is told otherwise. Times are seconds since 1970."""

    def __init__(self, club):
        self.club = club
        self.file = club.folder / "clock"
        self.library = library()
        # How far the truth of this story is ahead of the machine, and the clock of that truth.
        self.ahead, self.wrong = 0, 0
        self.tell()

    def truth(self):
        return time.time() + self.ahead

    def wall(self):
        return self.truth() + self.wrong

    def local(self):
        """The wall in words."""
        return datetime.fromtimestamp(self.wall(), timezone.utc).strftime("%Y-%m-%d %H:%M:%SZ")

    def tell(self):
        """Replaced whole: it is read at every look at the clock."""
        new = self.file.with_suffix(".new")
        new.write_text(f"{self.ahead + self.wrong:+d}\n")
        new.rename(self.file)

    def passes(self, seconds):
        """Time passes, on every clock."""
        self.ahead += seconds
        self.remembered(lambda reading: reading.update(since_boot_ms=reading["since_boot_ms"] - 1000 * seconds))
        self.tell()

    def moves(self, seconds):
        """The wall clock is moved; nothing else is."""
        self.wrong += seconds
        self.tell()

    def set_right(self):
        self.wrong = 0
        self.tell()

    def shows(self, wall):
        """The wall clock is set to this."""
        self.moves(round(wall - self.wall()))

    def reboots(self):
        """What was remembered is of another boot."""
        self.remembered(lambda reading: reading.update(boot_id="00000000-0000-4000-8000-000000000000"))

    def last_wall(self):
        """What the wall clock showed at the last run; none before the first."""
        try:
            wall = json.loads((self.club.state / "clock.json").read_bytes())["wall"]
        except FileNotFoundError:
            return None
        return datetime.fromisoformat(wall).timestamp()

    def remembered(self, change):
        place = self.club.state / "clock.json"
        try:
            reading = json.loads(place.read_bytes())
        except FileNotFoundError:
            return
        change(reading)
        new = place.with_suffix(".new")
        new.write_text(json.dumps(reading))
        new.chmod(0o644)
        new.rename(place)

    def environment(self, **more):
        """For a process that believes in it. Times of files stay the machine's own, as a faked one would move
        with the clock."""
        return self.club.environment(
            LD_PRELOAD=str(self.library),
            FAKETIME_TIMESTAMP_FILE=str(self.file),
            FAKETIME_NO_CACHE="1",
            FAKETIME_DONT_FAKE_MONOTONIC="1",
            NO_FAKE_STAT="1",
            **more,
        )
