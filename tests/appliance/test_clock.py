"""A clock that jumps by ten years and back, on a machine that has one of its own."""

import unittest
from datetime import datetime, timedelta

import club
import package
from commands import wait_for
from kernel import Kernel

TIMER = "neopro-backup.timer"
BEGIN = datetime(2027, 1, 12, 20, 0)
A_NIGHT = timedelta(hours=26)


class Clock(unittest.TestCase):
    """The whole story on one box."""

    def archives(self, box):
        return [line.split()[0] for line in box.run("neopro-backup", "list").splitlines() if "backup-" in line]

    def due(self, box):
        """When the timer fires next."""
        shown = box.run("systemctl", "show", "--property=NextElapseUSecRealtime", "--value", TIMER).split()
        return datetime.fromisoformat(f"{shown[1]} {shown[2]}") if shown else None

    def test_ten_years_ahead_and_back_lose_nothing_and_the_timer_is_set_again(self):
        with Kernel() as box:
            club.furnish(box)
            box.put(package.package(), "/root/neopro-backup.deb")
            box.boot(clock=BEGIN)
            box.set_clock(BEGIN)
            box.run("dpkg", "--install", "/root/neopro-backup.deb", timeout=180)
            # The time service has no network here; that it was heard once is what counts.
            box.shell("mkdir -p /run/systemd/timesync && touch /run/systemd/timesync/synchronized")
            for _ in range(4):
                box.run("systemctl", "start", "neopro-backup.service")
            before = self.archives(box)
            self.assertEqual(len(before), 4)
            self.assertLess(self.due(box) - BEGIN, A_NIGHT)

            ahead = BEGIN.replace(year=2037)
            box.set_clock(ahead)
            # The night that seems to have been missed is made up for.
            wait_for("a backup under the wrong clock", lambda: len(self.archives(box)) == 5, 60, every=0.5)
            self.assertTrue(set(before) <= set(self.archives(box)), "nothing was pruned under a clock that jumped")
            wait_for("the end of the run", lambda: not box.succeeds("systemctl", "is-active", "-q", "neopro-backup"), 60)
            self.assertGreater(self.due(box), ahead)

            box.set_clock(BEGIN + timedelta(minutes=5))
            wait_for("the timer", lambda: self.due(box) and self.due(box) - BEGIN < A_NIGHT, 60, every=0.5)
            print(f"ahead to {ahead}, back to {BEGIN}: due {self.due(box)}")
            self.assertIn("L'horloge avait sauté", box.read(f"{club.BACKUPS}/backup.log"))
            self.assertTrue(set(before) <= set(self.archives(box)))

            box.run("systemctl", "start", "neopro-backup.service")
            after = self.archives(box)
            self.assertTrue(set(before) <= set(after), "nothing was lost")
            self.assertEqual(len(after), 6)
            for name in after:
                box.run("neopro-backup", "verify", name)
