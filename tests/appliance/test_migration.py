"""From the hand-made system to the package: nothing that the club relies on gets lost."""

import json
import unittest
from datetime import date, timedelta

import club
import package
from deployment import deploy, digests, downloaded

SYSTEM = "/etc/systemd/system"
TIMER = "neopro-backup.timer"
REPLACED = "/var/lib/neopro-backup/replaced-units"
HOUR = "[Timer]\nOnCalendar=\nOnCalendar=*-*-* 04:30:00\n"


class Migrated(unittest.TestCase):
    """A box on which the former system ran for three nights, and on which deploy was then run."""

    @classmethod
    def migrate(cls, before):
        """`before` is done to the old system, as its owner may have done."""
        cls.box = package.furnished(cls.enterClassContext)
        cls.names = club.old_system(cls.box)
        cls.digests = digests(cls.box)
        cls.status = json.loads(cls.box.read(f"{club.BACKUPS}/last-backup-status.json"))
        before()
        cls.done = deploy(cls.box)
        cls.found = cls.box.http("GET", "/api/backups").json

    def backups(self):
        return self.box.http("GET", "/api/backups").json["backups"]


class Switched(Migrated):
    """The nightly backup was on, at an hour of the owner's choice."""

    @classmethod
    def setUpClass(cls):
        cls.migrate(cls.another_hour)

    @classmethod
    def another_hour(cls):
        cls.box.edit(f"{SYSTEM}/{TIMER}.d/hour.conf", HOUR)
        cls.box.shell(f"systemctl daemon-reload; systemctl restart {TIMER}")

    def test_old_units_are_out_of_the_way_and_it_says_where(self):
        self.assertRegex(self.done[1], rf"moved the older .*{TIMER}.* from {SYSTEM} to {REPLACED}/\d{{8}}-\d{{6}}")
        for unit in club.OLD_UNITS:
            self.assertFalse(self.box.exists(f"{SYSTEM}/{unit}"), unit)
            self.assertEqual(self.box.show(unit, "FragmentPath"), f"/lib/systemd/system/{unit}")
            kept = self.box.shell(f"cat {REPLACED}/*/{unit}")
            self.assertEqual(kept, (club.OLD / unit).read_text(encoding="utf-8"))

    def test_the_port_is_the_new_panel_s(self):
        self.assertIn(f"== the panel: http://{self.box.address}:8080/", self.done[1])
        self.assertNotEqual(self.box.http("GET", "/").body, b"Neopro Admin\n")
        self.assertFalse(self.box.succeeds("pgrep", "--full", "server.pl"))
        self.assertEqual(self.box.show("neopro-admin.service", "User"), "neopro-backup")

    def test_old_archives_are_listed_newest_first_and_download_as_they_are(self):
        self.assertEqual([one["name"] for one in self.found["backups"]], self.names[::-1])
        self.assertEqual([one["date"][10:] for one in self.found["backups"]], [" 03:00:07"] * 3)
        self.assertEqual({name: downloaded(self.box, name) for name in self.names}, self.digests)

    def test_old_archives_can_be_read_by_the_new_program(self):
        for name in self.names:
            said = json.loads(self.box.run("neopro-backup", "verify", name, "--json", user="pi"))
            self.assertEqual((said[0]["name"], said[0]["verification"]), (name, "readable"))
        for one in self.backups()[-3:]:
            self.assertEqual((one["verification"], one["problem"]), ("readable", None))

    def test_panel_and_club_share_what_was_the_club_s_alone(self):
        files = [f"{club.BACKUPS}/{name}" for name in self.names]
        modes = self.box.run("stat", "--format=%a %U:%G", club.BACKUPS, *files).splitlines()
        self.assertEqual(modes, ["2775 pi:neopro-backup"] + ["640 pi:neopro-backup"] * 3)

    def test_the_old_script_s_status_is_served(self):
        self.assertEqual(self.found["status"] | self.status, self.found["status"])
        self.assertEqual(self.found["status"]["archive"], self.names[-1])

    def test_the_timer_stays_on_at_its_hour(self):
        told = self.box.http("GET", "/api/backups/auto-status").json
        self.assertEqual((told["enabled"], told["active"]), (True, True))
        self.assertIn(" 04:30:00 ", told["nextRun"])
        self.assertEqual(self.box.read(f"{SYSTEM}/{TIMER}.d/hour.conf"), HOUR)
        link = self.box.run("readlink", f"{SYSTEM}/timers.target.wants/{TIMER}").strip()
        self.assertEqual(link, f"/lib/systemd/system/{TIMER}")

    def test_the_first_backup_joins_them_and_the_field_test_of_retention_holds(self):
        today = date.fromisoformat(self.box.run("date", "+%F").strip())
        empty = []
        for days in (8, 9):
            day = today - timedelta(days=days)
            empty.append(f"backup-{day:%Y%m%d}-030000.tar.gz")
            self.box.run("touch", f"--date={day} 03:00:00", f"{club.BACKUPS}/{empty[-1]}", user="pi")
        self.box.run("systemctl", "start", "neopro-backup.service")
        listed = self.backups()
        self.assertEqual([one["name"] for one in listed[1:]], self.names[::-1])
        self.assertEqual(listed[0]["verification"], "verified")
        for name in empty:
            self.assertFalse(self.box.exists(f"{club.BACKUPS}/{name}"), name)
        after = digests(self.box)
        self.assertEqual({name: after[name] for name in self.names}, self.digests)

    def test_it_comes_back_after_a_reboot(self):
        self.box.reboot()
        package.answers(self.box)
        self.assertEqual(self.box.wait_running(), "running")
        self.assertEqual([one["name"] for one in self.backups()[-3:]], self.names[::-1])


class SwitchedOff(Migrated):
    """The nightly backup was off."""

    @classmethod
    def setUpClass(cls):
        cls.migrate(lambda: cls.box.run("systemctl", "disable", "--quiet", "--now", TIMER))

    def test_the_timer_stays_off_and_can_be_switched_on(self):
        self.assertIn("the nightly backup stays off", self.done[1])
        self.says(False)
        self.box.reboot()
        package.answers(self.box)
        self.says(False)
        self.assertEqual(self.box.http("POST", "/api/backups/auto-toggle", {"enable": True}).status, 200)
        self.says(True)
        deploy(self.box)
        self.says(True)

    def says(self, enabled):
        told = self.box.http("GET", "/api/backups/auto-status").json
        self.assertEqual((told["enabled"], told["active"]), (enabled, enabled))
        self.assertEqual(self.box.succeeds("systemctl", "is-enabled", TIMER), enabled)
        self.assertEqual(self.box.succeeds("systemctl", "is-active", TIMER), enabled)
