"""The night's run: made up for once when it was missed, and not before the clock is right."""

import os
import time
import unittest

import package
from commands import wait_for
from deployment import installed

TIMER = "neopro-backup.timer"
BACKUP = "neopro-backup.service"
STAMP = "/var/lib/systemd/timers/stamp-neopro-backup.timer"
SYNCHRONIZED = "/run/systemd/timesync/synchronized"


class MissedNights(unittest.TestCase):
    """A box of its own a test, as each begins with what lies on the disk."""

    def box(self):
        box = installed(self.enterContext)
        self.assertEqual(package.archives(box), [])
        return box

    def miss_nights(self, box, nights):
        """As if the box had been off since: what systemd remembers of the last run is old."""
        box.power_off()
        from_disk = box.disk() / STAMP.lstrip("/")
        old = time.time() - nights * 86_400
        os.utime(from_disk, (old, old))
        # While a run waits for the clock, systemd calls itself starting.
        box.boot(wait=False)
        package.answers(box)

    def settled(self, box):
        """No backup is going on or about to be."""
        wait_for("the end of the run", lambda: box.show(BACKUP, "ActiveState") in ("inactive", "failed"), 60)
        return package.archives(box)

    def test_however_many_were_missed_it_is_one_run(self):
        box = self.box()
        self.miss_nights(box, nights=5)
        wait_for("the run that was made up for", lambda: package.archives(box), 30)
        self.assertEqual(len(self.settled(box)), 1)
        self.assertEqual(box.http("GET", "/api/backups").json["backups"][0]["verification"], "verified")
        box.reboot()
        package.answers(box)
        self.assertEqual(len(self.settled(box)), 1, "not again at the next boot")
        self.assertNotEqual(box.show(TIMER, "LastTriggerUSec"), "")

    def test_a_night_that_the_timer_was_off_is_not_made_up_for(self):
        box = self.box()
        box.run("neopro-backup", "auto", "off")
        self.miss_nights(box, nights=2)
        self.assertEqual(self.settled(box), [])

    def test_a_run_during_boot_waits_for_the_time_and_not_for_ever(self):
        box = self.box()
        # A time service that has not reached its server yet.
        box.edit("/etc/tmpfiles.d/timesync.conf", "d /run/systemd/timesync 0755 root root -\n")
        self.miss_nights(box, nights=1)
        wait_for("the run", lambda: box.show(BACKUP, "ActiveState") == "activating", 20)
        said = "L'horloge n'est pas encore à l'heure. La sauvegarde attend l'heure, 10 minutes au plus."
        wait_for("the run's word", lambda: said in box.journal(BACKUP), 10)
        self.assertEqual(package.archives(box), [])
        # Whoever asks meanwhile is told that one is going on.
        self.assertEqual(box.http("POST", "/api/backups/create").status, 409)
        box.run("touch", SYNCHRONIZED)
        wait_for("the archive", lambda: package.archives(box), 10)

    def test_a_person_s_backup_does_not_wait_for_the_time(self):
        box = self.box()
        box.run("mkdir", "-p", "/run/systemd/timesync")
        begun = time.monotonic()
        self.assertEqual(box.http("POST", "/api/backups/create").status, 200)
        self.assertLess(time.monotonic() - begun, 5)

    def test_a_timer_that_is_not_a_night_s_is_left_alone(self):
        box = self.box()
        box.edit(f"/etc/systemd/system/{TIMER}.d/week.conf", "[Timer]\nOnCalendar=\nOnCalendar=yearly\n")
        box.shell(f"systemctl daemon-reload; systemctl restart {TIMER}")
        chosen = box.show(TIMER, "NextElapseUSecRealtime")
        time.sleep(2)
        self.assertEqual(box.show(TIMER, "NextElapseUSecRealtime"), chosen)
        starts = box.journal("neopro-backup-auto@on.service").count("Starting ")
        self.assertLessEqual(starts, 3, "it is questioned once, not again and again")
