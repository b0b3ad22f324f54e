"""One random history of a club whose clock cannot be relied on, lived by the real program.

What is expected is told from outside, by what the history knows of the true time: never by the
program's own judgement, except whether it trusted its clock, which its manifest says.
"""

import json
import os
import random
import signal
import subprocess
import tarfile
import time
from dataclasses import dataclass
from datetime import datetime, timezone

from club import PATIENCE, Club
from faked_clock import DAY, HOUR, FakedClock

NIGHTS = 14
DAYS_KEPT = 7
FLOOR = 3
# The clock's judgement allows five minutes between two runs.
TOLERATED = 301
RELEASED = datetime(2026, 11, 28, tzinfo=timezone.utc).timestamp()
IMAGE = datetime(2024, 11, 19, 15, tzinfo=timezone.utc).timestamp()


@dataclass
class Made:
    """An archive that was made here, and what its manifest says of the clock."""

    name: str
    wall: float
    trusted: bool
    pinned: bool = False
    sound: bool = True


class History:
    """`seed` is all that it is made of; `folder` is its own."""

    def __init__(self, seed, folder):
        self.seed, self.random = seed, random.Random(seed)
        self.club = Club(folder)
        self.clock = FakedClock(self.club)
        self.made = {}  # in the order of making
        self.away = folder / "away"  # copies of archives, as on somebody's computer
        self.away.mkdir()
        self.last_wrong = None  # how wrong the clock was at the last run of this boot
        self.right_runs = 0
        self.catalogue_is_lost = False
        self.told, self.violations, self.counted = [], [], {}

    def live(self):
        # Somewhere in the year, so that summer time begins and ends in some of them.
        self.clock.passes(self.random.randrange(0, 400 * DAY, 60))
        nights = 0
        while nights < NIGHTS and not self.violations:
            event = self.random.choices(list(EVENTS), EVENTS.values())[0]
            self.count(event.__name__.replace("_", " ").strip())
            event(self)
            nights += event is History.night

    def count(self, what, by=1):
        self.counted[what] = self.counted.get(what, 0) + by

    def tell(self, what):
        self.told.append(f"{self.clock.local()} (wrong by {self.clock.wrong} s) {what}")

    def expect(self, holds, what):
        if not holds:
            self.violations.append(what)

    # What can happen.

    def night(self):
        """Time passes, then a backup is made, or killed on its way."""
        self.clock.passes(self.random.choice([24 * HOUR] * 8 + [HOUR, 47 * HOUR]))
        kept = self.plant()
        before, wrong, last = self.there(), self.known_wrong(), self.clock.last_wall()
        killed_after = self.random.choice([None] * 7 + [self.random.uniform(0, 0.04)])
        wall = self.clock.wall()
        whole = self.run(killed_after)
        after = self.there()
        new = sorted(after - before)
        if self.clock.last_wall() != last:
            self.right_runs = self.right_runs + 1 if self.clock.wrong == 0 else 0
            self.last_wrong = self.clock.wrong
        for name in new:
            self.note(name, wall)
        self.tell(f"{'run' if whole else 'killed run'}: {new}, gone: {sorted(before - after)}")
        self.judge(before, after, wrong, wall)
        if whole:
            self.expect(len(new) == 1, f"a run made {new}")
            self.catalogue_is_lost = False
            self.judge_list()
            trusted = bool(new) and self.made[new[0]].trusted
            self.count("trusted" if trusted else "untrusted")
            self.expect(self.right_runs < 2 or trusted, "the second right run is not trusted")
            self.expect(not trusted or not kept.exists(), f"{kept.name} is old and stays")

    def clock_moves(self):
        """By minutes to decades, forth and back."""
        far = self.random.choice([15 * 60, HOUR, 3 * DAY, 400 * DAY, 25 * 365 * DAY])
        self.clock.moves(self.random.choice([HOUR, -HOUR, self.random.randint(-far, far)]))
        self.tell("the clock was moved")

    def clock_is_set(self):
        self.clock.set_right()
        self.tell("the clock was set right")

    def reboot(self):
        """Without a clock of its own a box starts at its image's date, or at the last time that was saved."""
        self.clock.passes(self.random.randrange(0, 3 * DAY))
        self.clock.reboots()
        self.last_wrong = None
        starts = self.random.choice([self.clock.truth(), IMAGE, self.clock.last_wall() or self.clock.truth()])
        if starts == self.clock.truth():
            self.clock.set_right()
        else:
            self.clock.shows(starts + 60)
        self.tell("a reboot")

    def pin(self):
        for made in self.one():
            self.club.done("pin", made.name, environment=self.clock.environment())
            made.pinned = True
            self.tell(f"pinned {made.name}")

    def unpin(self):
        for made in self.one(lambda made: made.pinned):
            self.club.done("unpin", made.name, environment=self.clock.environment())
            made.pinned = False
            self.tell(f"unpinned {made.name}")

    def deletion(self):
        for made in self.one(lambda made: not made.pinned):
            if made.sound:
                (self.away / made.name).write_bytes((self.club.backups / made.name).read_bytes())
            self.club.done("delete", made.name, environment=self.clock.environment())
            self.tell(f"deleted {made.name}")

    def imported(self):
        """One that was taken away comes back."""
        copies = sorted(copy for copy in self.away.iterdir() if not (self.club.backups / copy.name).exists())
        if copies:
            copy = self.random.choice(copies)
            self.club.done("import", copy, environment=self.clock.environment())
            self.tell(f"imported {copy.name}")

    def decay(self):
        """The card gives back another byte; who reads it next finds out."""
        for made in self.one(lambda made: made.sound):
            place = self.club.backups / made.name
            content = bytearray(place.read_bytes())
            content[self.random.randrange(len(content) // 2, len(content))] ^= 0x10
            place.write_bytes(content)
            self.club.said("verify", made.name, environment=self.clock.environment())
            made.sound = False
            self.tell(f"decayed {made.name}")
            if self.catalogue_is_lost:
                del self.made[made.name]

    def catalogue_lost(self):
        (self.club.state / "catalogue.json").unlink(missing_ok=True)
        self.catalogue_is_lost = True
        # Nobody knows any more what the manifests of those said.
        for made in list(self.made.values()):
            if not made.sound:
                del self.made[made.name]
        self.tell("the catalogue was lost")

    # How it is done.

    def there(self):
        return {place.name for place in self.club.backups.glob("backup-*.tar.gz")}

    def one(self, fits=lambda made: True):
        """One of those that are there, if any."""
        there = self.there()
        fitting = [made for made in self.made.values() if made.name in there and fits(made)]
        return self.random.sample(fitting, min(1, len(fitting)))

    def plant(self):
        """An empty file of nine days ago by this clock: nothing keeps it where the clock is trusted."""
        then = self.clock.wall() - (DAYS_KEPT + 2) * DAY - 2 * HOUR
        name = datetime.fromtimestamp(then, timezone.utc).strftime("backup-%Y%m%d-%H%M%S.tar.gz")
        place = self.club.backups / name
        if not place.exists():
            # The name may be that of an archive that has gone.
            self.made.pop(name, None)
            place.touch()
            os.utime(place, (then, then))
        return place

    def run(self, killed_after):
        """Whether it came to its end."""
        if killed_after is None:
            self.club.done("run", environment=self.clock.environment())
            return True
        run = subprocess.Popen(
            self.club.arguments("run"), env=self.clock.environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        time.sleep(killed_after)  # where it is killed is chance, and that is what is wanted
        run.send_signal(signal.SIGKILL)
        return run.wait(PATIENCE) == 0

    def note(self, name, wall):
        """What the manifest of a new archive says."""
        with tarfile.open(self.club.backups / name) as archive:
            member = archive.extractfile(f"{name.removesuffix('.tar.gz')}/manifest.json")
            manifest = json.load(member)
        # A clock that stands at the same time again gives the same name again, once that is free.
        self.made.pop(name, None)
        (self.away / name).unlink(missing_ok=True)
        self.made[name] = Made(name, wall, manifest["clock_trusted"])

    def known_wrong(self):
        """Why nobody may believe the clock now; none where nothing tells."""
        wall, last = self.clock.wall(), self.clock.last_wall()
        if wall < RELEASED:
            return "older than the program"
        if last is not None and wall < last:
            return "it went back"
        if self.last_wrong is not None and abs(self.clock.wrong - self.last_wrong) > TOLERATED:
            return "it jumped"
        return None

    # What must hold.

    def judge(self, before, after, wrong, wall):
        gone = before - after
        self.count("deleted", len(gone))
        self.expect(not gone or not wrong, f"pruned by a clock that is wrong ({wrong}): {sorted(gone)}")
        sound = [made.name for made in self.made.values() if made.sound]
        had = sum(name in before or name in after for name in sound)
        left = sum(name in after for name in sound)
        self.expect(left >= min(FLOOR, had), f"{left} sound archives are left of {had}")
        self.count("nights on the floor", int(left == FLOOR < had))
        for name in gone & self.made.keys():
            made = self.made[name]
            self.expect(not made.pinned, f"{name} was pinned and is gone")
            age = wall - made.wall
            self.expect(not (made.trusted and 0 <= age <= DAYS_KEPT * DAY), f"{name} was young and is gone")

    def judge_list(self):
        listed = self.club.done("list", "--json", environment=self.clock.environment()).json()["backups"]
        order = [backup["name"] for backup in listed if backup["name"] in self.made]
        expected = [name for name in reversed(self.made) if name in order]
        self.expect(order == expected, f"listed as {order}, made as {expected}")
        for backup in listed:
            made = self.made.get(backup["name"])
            if made:
                good = backup["verification"] == "verified"
                self.expect(good == made.sound, f"{made.name}: {backup['verification']}")


EVENTS = {
    History.night: 60, History.clock_moves: 6, History.clock_is_set: 8, History.reboot: 5, History.pin: 4, History.unpin: 3,
    History.deletion: 4, History.imported: 4, History.decay: 3, History.catalogue_lost: 1,
}
