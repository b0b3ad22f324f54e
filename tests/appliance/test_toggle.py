"""The nightly backup's switch: whoever throws it, and however, all say the same as systemd."""

import http.client
import itertools
import json
import re
import time
import unittest

from commands import wait_for
from deployment import installed

TIMER = "neopro-backup.timer"
NEXT_RUN = re.compile(r"[A-Z][a-z]{2} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d CES?T")
# A change by somebody else is seen as soon as systemd says it.
AT_ONCE = 2


class Toggle(unittest.TestCase):
    """One box for all."""

    @classmethod
    def setUpClass(cls):
        cls.box = installed(cls.enterClassContext)

    def setUp(self):
        self.box.run("systemctl", "enable", "--quiet", "--now", TIMER)

    # The ways

    def by_api(self, enable):
        told = self.box.http("POST", "/api/backups/auto-toggle", {"enable": enable})
        self.assertEqual(told.status, 200, told.body)
        word = "activé" if enable else "désactivé"
        self.assertEqual(told.json, {"success": True, "message": f"Backup automatique {word}", "enabled": enable})

    def by_systemctl(self, enable):
        self.box.run("systemctl", "enable" if enable else "disable", "--quiet", "--now", TIMER)

    def by_root(self, enable):
        self.box.run("neopro-backup", "auto", "on" if enable else "off")

    def by_pi(self, enable):
        self.box.run("neopro-backup", "auto", "on" if enable else "off", user="pi")

    # What is said

    def status(self):
        return self.box.http("GET", "/api/backups/auto-status").json

    def agree(self, enable):
        """API, command line and systemd say the same."""
        told = self.status()
        self.assertEqual((told["enabled"], told["active"]), (enable, enable))
        self.assertEqual(self.box.run("systemctl", "is-enabled", TIMER, check=False), "enabled\n" if enable else "disabled\n")
        self.assertEqual(self.box.run("systemctl", "is-active", TIMER, check=False), "active\n" if enable else "inactive\n")
        self.assertIn("; enabled;" if enable else "; disabled;", self.box.run("systemctl", "status", TIMER, check=False))
        listed = self.box.run("systemctl", "list-timers", "--no-legend", TIMER)
        if enable:
            self.assertRegex(told["nextRun"], NEXT_RUN)
            self.assertEqual(told["nextRun"], self.box.show(TIMER, "NextElapseUSecRealtime"))
            self.assertIn(told["nextRun"], listed)
        else:
            self.assertIsNone(told["nextRun"])
            self.assertEqual(listed, "")
        hour = self.box.http("GET", "/api/schedule").json["at"]
        for user in (None, "pi"):
            said = json.loads(self.box.run("neopro-backup", "auto", "--json", user=user))
            self.assertEqual(said, {**{key: told[key] for key in ("enabled", "active", "nextRun")}, "at": hour})

    def test_in_every_order_by_every_way(self):
        ways = (self.by_api, self.by_systemctl, self.by_root, self.by_pi)
        for off, on in itertools.product(ways, repeat=2):
            with self.subTest(f"off {off.__name__}, on {on.__name__}"):
                off(False)
                self.agree(False)
                on(True)
                self.agree(True)

    def test_throwing_it_twice_changes_nothing(self):
        for way in (self.by_api, self.by_root, self.by_pi):
            for enable in (True, False):
                way(enable)
                way(enable)
                self.agree(enable)

    def test_thrown_quickly_it_never_sticks(self):
        for turn in range(12):
            self.by_api(turn % 2 == 1)
        self.agree(True)

    def test_a_timer_that_was_only_stopped_is_told_apart(self):
        self.box.run("systemctl", "stop", TIMER)
        told = self.status()
        self.assertEqual((told["enabled"], told["active"], told["nextRun"]), (True, False, None))
        self.assertIn("arrêtée", self.box.run("neopro-backup", "auto"))
        self.by_api(True)
        self.agree(True)

    def test_a_dry_run_changes_nothing(self):
        said = json.loads(self.box.run("neopro-backup", "auto", "off", "--dry-run", "--json"))
        self.assertEqual((said["enabled"], said["nextRun"]), (False, None))
        self.agree(True)

    def test_a_change_over_ssh_shows_in_the_panel_at_once(self):
        for verb in ("disable", "enable"):
            with Events(self.box) as events:
                begun = time.monotonic()
                self.box.ssh(f"systemctl {verb} --quiet --now {TIMER}")
                events.wait_for("schedule")
                self.assertLess(time.monotonic() - begun, AT_ONCE)
                wait_for("the panel's word", lambda: self.status()["enabled"] == (verb == "enable"), AT_ONCE)

    def test_a_drop_in_that_changes_the_hour_shows(self):
        drop_in = f"/etc/systemd/system/{TIMER}.d/hour.conf"
        self.box.edit(drop_in, "[Timer]\nOnCalendar=\nOnCalendar=*-*-* 04:30:00\n")
        self.box.run("systemctl", "daemon-reload")
        self.box.run("systemctl", "restart", TIMER)
        self.addCleanup(lambda: self.box.shell(f"rm {drop_in}; systemctl daemon-reload; systemctl restart {TIMER}"))
        self.assertIn(" 04:30:00 ", self.status()["nextRun"])
        self.agree(True)
        # It outlives the switch.
        self.by_api(False)
        self.by_api(True)
        self.assertIn(" 04:30:00 ", self.status()["nextRun"])

    def test_without_the_polkit_rule_it_says_so_and_pretends_nothing(self):
        rule = "/usr/share/polkit-1/rules.d/50-neopro-backup.rules"
        text = self.box.read(rule)
        self.box.run("rm", rule)
        self.box.run("systemctl", "restart", "polkit.service")
        try:
            told = self.box.http("POST", "/api/backups/auto-toggle", {"enable": False})
            self.assertEqual((told.status, told.json["code"]), (503, "systemd_refused"))
            self.assertIn("polkit", told.json["message"])
            created = self.box.http("POST", "/api/backups/create")
            self.assertEqual((created.status, created.json["code"]), (503, "systemd_refused"))
        finally:
            self.box.edit(rule, text)
            self.box.run("systemctl", "restart", "polkit.service")
        self.agree(True)

    def test_without_dbus_it_says_so_and_recovers(self):
        self.box.run("systemctl", "stop", "dbus.socket", "dbus.service")
        try:
            for method, path in (("GET", "/api/backups/auto-status"), ("POST", "/api/backups/create")):
                told = self.box.http(method, path)
                self.assertEqual((told.status, told.json["code"]), (503, "systemd_unavailable"))
            self.assertEqual(self.box.http("GET", "/api/backups").status, 200, "what needs no systemd is served")
        finally:
            self.box.run("systemctl", "start", "dbus.socket", "dbus.service")
        self.agree(True)


class Events:
    """The panel's live events."""

    def __init__(self, box):
        self.connection = http.client.HTTPConnection(box.address, 8080, timeout=10)

    def __enter__(self):
        self.connection.request("GET", "/api/events", headers={"Accept": "text/event-stream"})
        self.answer = self.connection.getresponse()
        self.answer.readline()  # the greeting: from here on nothing is missed
        return self

    def wait_for(self, kind):
        """Reads on to an event of this kind; the connection's timeout bounds it."""
        while self.answer.readline().strip() != f"event: {kind}".encode():
            pass

    def __exit__(self, *_):
        self.connection.close()
