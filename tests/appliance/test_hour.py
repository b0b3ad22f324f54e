"""The hour of the nightly backup, set in the panel: systemd says the same, at once and for good."""

import json
import unittest

import package
from commands import wait_for
from deployment import installed

TIMER = "neopro-backup.timer"
BACKUP = "neopro-backup.service"
FOLDER = f"/etc/systemd/system/{TIMER}.d"
OURS = f"{FOLDER}/50-panel.conf"
SCHEDULE = "/api/schedule"
MANAGER = "org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager"


class Hour(unittest.TestCase):
    """One box for all."""

    @classmethod
    def setUpClass(cls):
        cls.box = installed(cls.enterClassContext)

    def setUp(self):
        self.box.run("systemctl", "enable", "--quiet", "--now", TIMER)
        self.archives = package.archives(self.box)

    def choose(self, at):
        told = self.box.http("PUT", SCHEDULE, {"at": at})
        self.assertEqual(told.status, 200, told.body)
        return told.json

    def agree(self, at):
        """Panel, command line and systemd say this hour, and no backup was made for it."""
        told = self.box.http("GET", SCHEDULE).json
        self.assertEqual((told["at"], told["manager"], told["locked"]), (at, "systemd", None))
        self.assertEqual((told["enabled"], told["active"], told["word"]), (True, True, "active (waiting)"))
        self.assertIn(f"OnCalendar=*-*-* {at}:00 ;", self.box.show(TIMER, "TimersCalendar"))
        self.assertIn(f" {at}:00 ", self.box.show(TIMER, "NextElapseUSecRealtime"))
        self.assertEqual(json.loads(self.box.run("neopro-backup", "auto", "--json"))["at"], at)
        self.assertEqual(package.archives(self.box), self.archives)

    def may_start(self, instance, user):
        call = f"busctl --allow-interactive-authorization=no call {MANAGER} StartUnit ss".split()
        unit = f"neopro-backup-auto@{instance}.service"
        return self.box.succeeds("runuser", "-u", user, "--", *call, unit, "replace")

    def test_the_hour_of_the_panel_is_systemd_s_and_outlives_a_reload_and_a_reboot(self):
        self.assertEqual(self.choose("18:30")["at"], "18:30")
        self.agree("18:30")
        self.assertEqual(self.box.run("stat", "--format=%a %U", FOLDER, OURS).splitlines(), ["755 root", "644 root"])
        self.box.run("systemctl", "daemon-reload")
        self.agree("18:30")
        self.box.reboot()
        package.answers(self.box)
        self.agree("18:30")
        self.assertEqual(self.choose("06:05")["at"], "06:05")
        self.agree("06:05")

    def test_an_hour_that_is_past_today_is_not_made_up_for(self):
        # As after a night like any other: the timer fired, a while before that hour.
        stamp = f"/var/lib/systemd/timers/stamp-{TIMER}"
        self.box.run("systemctl", "stop", TIMER)
        self.box.run("touch", "--date=10 minutes ago", stamp)
        later = self.box.shell("date --date='12 hours' +%H:%M").strip()
        self.box.run("neopro-backup", "auto", "at", later)
        self.box.run("touch", "--date=10 minutes ago", stamp)
        self.box.run("systemctl", "start", TIMER)
        before = self.box.show(BACKUP, "InvocationID")
        at = self.box.shell("date --date='2 minutes ago' +%H:%M").strip()
        self.choose(at)
        self.agree(at)
        self.assertEqual(self.box.show(BACKUP, "InvocationID"), before)
        # What it is protected from: systemd itself makes up for such an hour.
        self.box.run("touch", "--date=10 minutes ago", stamp)
        self.box.run("systemctl", "restart", TIMER)
        wait_for("systemd's run", lambda: self.box.show(BACKUP, "InvocationID") != before, 30)
        wait_for("its end", lambda: self.box.show(BACKUP, "ActiveState") == "inactive", 60)

    def test_a_timer_that_is_off_stays_off_and_has_the_hour_when_it_is_on(self):
        self.box.run("neopro-backup", "auto", "off")
        told = self.choose("05:20")
        self.assertEqual((told["at"], told["enabled"], told["active"], told["next"]), ("05:20", False, False, None))
        self.assertEqual(self.box.run("systemctl", "is-enabled", TIMER, check=False), "disabled\n")
        self.box.shell(f"touch /var/lib/systemd/timers/stamp-{TIMER}")
        self.box.run("neopro-backup", "auto", "on")
        self.agree("05:20")

    def test_a_drop_in_that_comes_later_wins_and_is_named(self):
        self.choose("18:30")
        theirs = f"{FOLDER}/override.conf"
        self.box.edit(theirs, "[Timer]\nOnCalendar=\nOnCalendar=Sat *-*-* 04:00:00\n")
        self.addCleanup(lambda: self.box.shell(f"rm {theirs}; systemctl daemon-reload; systemctl restart {TIMER}"))
        self.box.run("systemctl", "daemon-reload")
        self.assertIsNone(self.box.http("GET", SCHEDULE).json["at"])
        ours = self.box.read(OURS)
        told = self.box.http("PUT", SCHEDULE, {"at": "19:45"})
        self.assertEqual((told.status, told.json["code"]), (409, "hour_overridden"))
        self.assertIn(theirs, told.json["message"])
        self.assertEqual(self.box.read(OURS), ours, "taken away again")
        self.assertEqual(self.box.run("systemctl", "is-active", TIMER), "active\n")

    def test_the_command_line_sets_it_as_root_only(self):
        said = json.loads(self.box.run("neopro-backup", "auto", "at", "07:10", "--json"))
        self.assertEqual(said["at"], "07:10")
        self.agree("07:10")
        dry = json.loads(self.box.run("neopro-backup", "auto", "at", "08:00", "--dry-run", "--json"))
        self.assertEqual(dry["at"], "08:00")
        self.agree("07:10")
        status, _, said = self.box.finished(["neopro-backup", "auto", "at", "09:00"], user="pi", check=False)
        self.assertEqual(status, 1)
        self.assertIn("polkit", said)
        self.agree("07:10")

    def test_no_other_name_is_an_hour(self):
        self.choose("18:30")
        for instance in ("at-9999", "at-2400", "at-1860", "at-183", "at-18300", "at-", "at", "at-18:30", "At-1830"):
            self.assertFalse(self.may_start(instance, "neopro-backup"), f"polkit lets {instance} through")
            unit = f"neopro-backup-auto@{instance}.service"
            self.assertFalse(self.box.succeeds("systemctl", "start", unit), f"the program takes {instance}")
        for word in ("at-1830;x", "at-1830\n", "at 18:30", "at-1830 --dry-run"):
            escape = ["systemd-escape", "--template=neopro-backup-auto@.service", "--", word]
            unit = self.box.run(*escape).rstrip("\n")
            self.assertFalse(self.box.succeeds("systemctl", "start", "--", unit), f"the program takes {unit}")
            instance = unit.removeprefix("neopro-backup-auto@").removesuffix(".service")
            self.assertFalse(self.may_start(instance, "neopro-backup"), f"polkit lets {unit} through")
        self.agree("18:30")

    def test_nobody_but_the_panel_may_ask_for_it(self):
        self.choose("18:30")
        self.box.shell("id stranger >/dev/null 2>&1 || useradd --no-create-home stranger")
        for user in ("pi", "stranger"):
            self.assertFalse(self.may_start("at-0415", user), f"{user} may")
        self.agree("18:30")
        self.assertTrue(self.may_start("at-1830", "neopro-backup"))
