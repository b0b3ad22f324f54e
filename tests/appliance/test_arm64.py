"""The package for the club's own kind of box, on an emulated arm64 machine.

Sandboxes are not to be tested here: emulation enforces no seccomp filter, and prepare.py
takes from the units what it cannot do. All takes some twenty times as long.
"""

import unittest

import club
import package
from commands import wait_for
from deployment import digests, downloaded
from machine import Machine

TIMER = "neopro-backup.timer"
# What a whole backup may take here, and a switch that starts a unit.
SECONDS = 60


class Arm64(unittest.TestCase):
    """One box for all, since its boot is slow."""

    @classmethod
    def setUpClass(cls):
        cls.box = cls.enterClassContext(Machine(arch="arm64"))
        club.furnish(cls.box)
        cls.box.boot()
        cls.state = cls.box.wait_running()
        package.install(cls.box)
        package.answers(cls.box)

    def test_it_is_one(self):
        self.assertEqual(self.state, "running")
        self.assertEqual(self.box.run("uname", "-m"), "aarch64\n")
        self.assertEqual(self.box.ssh("dpkg --print-architecture"), "arm64\n")
        shown = "--showformat=${Architecture} ${db:Status-Status}"
        self.assertEqual(self.box.run("dpkg-query", "--show", shown, "neopro-backup"), "arm64 installed")

    def test_panel_and_timer_are_on(self):
        for unit in ("neopro-admin.socket", "neopro-admin.service", TIMER):
            self.assertEqual(self.box.show(unit, "ActiveState"), "active", unit)
            self.assertEqual(self.box.show(unit, "UnitFileState"), "enabled", unit)
        self.assertIn(b"<html", self.box.http("GET", "/").body)

    def test_a_backup_is_made_verified_listed_and_downloaded(self):
        told = self.box.http("POST", "/api/backups/create", timeout=SECONDS)
        self.assertEqual((told.status, told.json["success"]), (200, True), told.body)
        found = self.box.http("GET", "/api/backups").json
        newest = found["backups"][0]
        self.assertEqual((newest["verification"], newest["problem"]), ("verified", None))
        self.assertEqual((found["status"]["success"], found["status"]["archive"]), (True, newest["name"]))
        self.assertEqual(downloaded(self.box, newest["name"]), digests(self.box)[newest["name"]])
        said = "1 sauvegarde. Tout va bien : dernière sauvegarde à l'instant, vérifiée."
        wait_for("the sentence", lambda: self.box.show("neopro-admin.service", "StatusText") == said, SECONDS)

    def test_the_switch_agrees_with_systemd(self):
        for enable in (False, True):
            told = self.box.http("POST", "/api/backups/auto-toggle", {"enable": enable}, timeout=SECONDS)
            self.assertEqual((told.status, told.json["enabled"]), (200, enable), told.body)
            status = self.box.http("GET", "/api/backups/auto-status").json
            self.assertEqual((status["enabled"], status["active"]), (enable, enable))
            self.assertEqual(self.box.succeeds("systemctl", "is-enabled", TIMER), enable)
            self.assertEqual(self.box.succeeds("systemctl", "is-active", TIMER), enable)
