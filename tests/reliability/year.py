"""Nights, one after the other, over a daemon that lives; what must hold after each."""

import os
import signal
import time
from datetime import datetime

from faked_clock import DAY, HOUR
from living import Daemon, comes, until

FLOOR = 3
PROGRESS = 50
# Seconds that a daemon on a loaded machine needs to write a status, and more.
TRACE_PATIENCE = 3
KIB = 1024
# The most that each file may have, in bytes; `store/log.rs`, `store/nights.rs`, `access/audit.rs` and
# `jobs/journal.rs` say the same. A catalogue has some hundred bytes an archive.
BOUNDS = {
    "backups/backup.log": 512 * KIB + 64 * KIB,
    "backups/last-backup-status.json": 64 * KIB,
    "state/nights.json": 12 * KIB,
    "state/catalogue.json": 24 * KIB,
    "state/clock.json": KIB,
    "state/schedule.json": KIB,
    "state/settings.json": 4 * KIB,
}
# Jobs whose events are kept, and one that has just begun.
JOBS = 51
# Archives that may be there: the days that people set at most, with some made by hand each day.
ARCHIVES = 80
# Files of all kinds in the state directory, beside pins.
STATE_FILES = 40


class Year:
    """`chance` decides all of it."""

    def __init__(self, club, clock, chance, people, figures):
        self.club, self.clock, self.chance, self.people, self.figures = club, clock, chance, people, figures
        self.environment = clock.environment()
        self.daemon = None
        self.largest = {}
        self.counted = {"nights": 0, "runs killed": 0, "daemons killed": 0, "daemons stopped": 0, "kills that came too late": 0, "kills that left no trace": 0}

    def live(self, nights):
        """The weights of the daemon's last life, one a night."""
        weights = []
        self.daemon = Daemon(self.club, self.environment)
        try:
            for night in range(nights):
                lasting = night >= nights // 3
                self.people.spend_a_day(self.daemon)
                if not lasting and self.chance.random() < 0.3:
                    self.end_daemon()
                self.night()
                self.look()
                if lasting:
                    weights.append(self.weigh())
                if night % PROGRESS == PROGRESS - 1:
                    self.figures.say("nights so far", night + 1)
        finally:
            self.daemon.end()
        self.report()
        return weights

    def night(self):
        """A day passes; the nightly timer starts a run, which is killed now and then."""
        self.counted["nights"] += 1
        before = self.there()
        last = self.club_status()
        self.clock.passes(self.until_due() + self.chance.randrange(60, HOUR))
        # A clock that is set rings the alarm; here a change of the schedule's file does the same.
        os.utime(self.club.state / "schedule.json")
        killed = False
        if self.chance.random() < 0.15:
            # One that is over before it is seen cannot be killed any more.
            run = until("the nightly run", lambda: self.daemon.children() or (self.club_status() != last and [None]))[0]
            time.sleep(self.chance.uniform(0, 0.03))  # anywhere in the run
            killed = self.kill(run)
        if killed:
            until("the end of a killed run", self.is_idle)
            # The daemon says in the status what became of it, unless it was killed before it had begun.
            if not comes(lambda: self.club_status() != last, TRACE_PATIENCE):
                self.counted["kills that left no trace"] += 1
        else:
            until("the night's backup", lambda: self.there() - before and self.club_status() != last and self.is_idle())
        gone = before - self.there()
        self.expect(not any(name in self.people.pinned for name in gone), f"pinned and gone: {sorted(gone)}")

    def until_due(self):
        """The seconds until the next nightly run, half a day at least: a night whose hour was just put off is the next one."""
        due = datetime.fromisoformat(self.daemon.get("/api/schedule").json()["next"]).timestamp()
        seconds = round(due - self.clock.wall())
        return seconds if seconds > DAY // 2 else seconds + DAY

    def kill(self, run):
        """Whether there was anything to kill."""
        if run is None:
            self.counted["kills that came too late"] += 1
            return False
        try:
            os.kill(run, signal.SIGKILL)
        except ProcessLookupError:
            self.counted["kills that came too late"] += 1
            return False
        self.counted["runs killed"] += 1
        return True

    def end_daemon(self):
        how = self.chance.choice([signal.SIGKILL, signal.SIGTERM])
        self.counted["daemons killed" if how == signal.SIGKILL else "daemons stopped"] += 1
        self.daemon.end(how)
        self.daemon = Daemon(self.club, self.environment)

    def look(self):
        """What must hold, night after night."""
        # First, since an archive whose run was killed before it was noted is unread until now.
        said = self.club.said("verify", "--all", environment=self.environment)
        self.expect(said.status == 0, f"verify: {said}")
        listed = self.daemon.get("/api/backups").json()["backups"]
        good = [backup for backup in listed if backup["verification"] == "verified"]
        self.expect(len(good) == len(listed), f"not verified: {[b for b in listed if b not in good]}")
        self.expect(len(good) >= min(FLOOR, self.counted["nights"] - self.counted["runs killed"]), f"only {len(good)} verify")
        self.expect(len(listed) <= ARCHIVES, f"{len(listed)} archives")
        sequences = [backup["sequence"] for backup in listed]
        self.expect(sequences == sorted(sequences, reverse=True), f"in no order: {sequences}")
        self.expect({backup["name"] for backup in listed} == self.there(), "the list is not what is there")
        panel, monitoring = self.both_say()
        self.expect(panel == monitoring, f"the panel says {panel}, monitoring {monitoring}")
        self.look_at_files()

    def both_say(self):
        keys = ("state", "sentence", "causes")
        panel = self.daemon.get("/api/status", headers={"Accept-Language": "fr"}).json()
        monitoring = self.club.said("check", "--json", environment=self.environment).json()
        return [{key: said[key] for key in keys} for said in (panel, monitoring)]

    def look_at_files(self):
        for place in self.club.folder.rglob("*"):
            name = str(place.relative_to(self.club.folder))
            if place.is_file() and name.split("/")[0] in ("backups", "state", "run") and "backup-2" not in name:
                kind = "run/jobs/…" if name.startswith("run/jobs/") else name
                self.largest[kind] = max(self.largest.get(kind, 0), place.stat().st_size)
                self.expect(place.stat().st_size <= BOUNDS.get(name, 512 * KIB), f"{name} has {place.stat().st_size} bytes")
        left = [name for name in os.listdir(self.club.backups) if name.startswith(".")]
        self.expect(not left, f"left lying in the backup directory: {left}")
        jobs = len(list((self.club.runtime / "jobs").glob("*")))
        state = sum(place.is_file() for place in self.club.state.rglob("*")) - len(list((self.club.state / "pins").glob("*")))
        self.expect(jobs <= JOBS, f"{jobs} files of jobs")
        self.expect(state <= STATE_FILES, f"{state} files in the state directory")
        for name, count in (("jobs' files", jobs), ("state files", state), ("archives", len(self.there()))):
            self.largest[name] = max(self.largest.get(name, 0), count)

    def weigh(self):
        """When nobody is there: the connections of the day are closed."""
        last = [self.daemon.descriptors()]

        def settled():
            last.append(self.daemon.descriptors())
            return len(last) > 3 and len(set(last[-3:])) == 1

        until("quiet", settled)
        return self.daemon.weight()

    def is_idle(self):
        return not self.daemon.children() and self.daemon.get("/api/status").json()["running"] is None

    def club_status(self):
        try:
            return (self.club.backups / "last-backup-status.json").read_bytes()
        except FileNotFoundError:
            return None

    def there(self):
        return {place.name for place in self.club.backups.glob("backup-*.tar.gz")}

    def expect(self, holds, what):
        if not holds:
            self.figures.violation(f"night {self.counted['nights']}, {self.clock.local()}: {what}")

    def report(self):
        for name, count in {**self.counted, **self.people.counted}.items():
            self.figures.say(name, count)
        for name, size in sorted(self.largest.items()):
            self.figures.say("most", size, name)
