"""A clock that jumps by ten years and back, on a machine that has one of its own."""

import unittest
from datetime import datetime, timedelta

import club
import package
from commands import wait_for
from kernel import Kernel

TIMER = "neopro-backup.timer"
BEGIN = datetime(2027, 1, 12, 20, 0)
AHEAD = BEGIN.replace(year=2037)
A_NIGHT = timedelta(hours=26)


class Clock(unittest.TestCase):
    """The whole story on one box."""

    def archives(self, box):
        return [line.split()[0] for line in box.run("neopro-backup", "list").splitlines() if "backup-" in line]

    def due(self, box):
        """When the timer fires next."""
        shown = box.run("systemctl", "show", "--property=NextElapseUSecRealtime", "--value", TIMER).split()
        return datetime.fromisoformat(f"{shown[1]} {shown[2]}") if shown else None

    def due_within_a_night(self, box, now):
        return wait_for("the timer", lambda: self.due(box) and self.due(box) - now < A_NIGHT and self.due(box), 60, every=0.5)

    def test_a_clock_that_is_ten_years_wrong_loses_nothing_and_strands_no_timer(self):
        with Kernel() as box:
            club.furnish(box)
            box.put(package.package(), "/root/neopro-backup.deb")
            box.boot(clock=AHEAD)
            box.set_clock(AHEAD)
            self.installed_under_a_wrong_clock(box)
            self.ahead_and_back(box)

    def installed_under_a_wrong_clock(self, box):
        """A timer that has never fired keeps the night it was armed for, whatever the clock says
        later: systemd leaves it so, and the panel does not."""
        box.run("dpkg", "--install", "/root/neopro-backup.deb", timeout=180)
        # The time service has no network here; that it was heard once is what counts.
        box.shell("mkdir -p /run/systemd/timesync && touch /run/systemd/timesync/synchronized")
        self.assertGreater(self.due(box), AHEAD)
        box.run("systemctl", "stop", "neopro-admin.socket", "neopro-admin.service")
        box.set_clock(BEGIN)
        self.assertGreater(self.due(box), AHEAD, "systemd leaves it stranded")
        box.run("systemctl", "start", "neopro-admin.socket", "neopro-admin.service")
        print(f"stranded in {AHEAD.year}, set again for {self.due_within_a_night(box, BEGIN)}")
        log = f"{club.BACKUPS}/backup.log"
        wait_for("the panel's word", lambda: box.exists(log) and "L'horloge avait sauté" in box.read(log), 20, every=0.5)

    def ahead_and_back(self, box):
        """The same under the panel's eyes, with archives that could be lost."""
        for _ in range(4):
            box.run("systemctl", "start", "neopro-backup.service")
        before = self.archives(box)
        self.assertEqual(len(before), 4)
        box.set_clock(AHEAD)
        # The night that seems to have been missed is made up for.
        wait_for("a backup under the wrong clock", lambda: len(self.archives(box)) == 5, 60, every=0.5)
        wait_for("the end of the run", lambda: not box.succeeds("systemctl", "is-active", "-q", "neopro-backup"), 60)
        self.assertTrue(set(before) <= set(self.archives(box)), "nothing was pruned under a clock that jumped")
        self.assertGreater(self.due(box), AHEAD)
        back = BEGIN + timedelta(minutes=5)
        box.set_clock(back)
        print(f"ahead to {AHEAD}, back to {back}: due {self.due_within_a_night(box, back)}")
        box.run("systemctl", "start", "neopro-backup.service")
        after = self.archives(box)
        self.assertTrue(set(before) <= set(after), "nothing was lost")
        self.assertEqual(len(after), 6)
        box.run("neopro-backup", "verify", *after)
