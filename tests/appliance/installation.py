"""What the suites about installing ask of their boxes."""

import unittest

CONFIG = "/etc/neopro-backup/config.toml"
PANEL = "neopro-admin.service"
SOCKET = "neopro-admin.socket"
TIMER = "neopro-backup.timer"
BACKUP = "neopro-backup.service"
UNITS = (SOCKET, PANEL, BACKUP, "neopro-backup-auto@on.service", TIMER, "neopro-backup-verify.service",
         "neopro-backup-verify.timer", "neopro-restore@restore-0123456789ab-01234567.service", "neopro-restore-resume.service")


class Box(unittest.TestCase):
    """What all ask of the box that `setUpClass` makes."""

    def one_backup(self):
        """A backup that is asked for in the panel and verified; gives its name."""
        told = self.box.http("POST", "/api/backups/create")
        self.assertEqual((told.status, told.json["success"]), (200, True), told.body)
        newest = self.box.http("GET", "/api/backups").json["backups"][0]
        self.assertEqual(newest["verification"], "verified")
        return newest["name"]

    def is_timer_on(self):
        """What systemd says, of the next boot and of now, which must be the same."""
        boot = self.box.run("systemctl", "is-enabled", TIMER, check=False).strip()
        now = self.box.run("systemctl", "is-active", TIMER, check=False).strip()
        self.assertIn((boot, now), [("enabled", "active"), ("disabled", "inactive")])
        self.assertEqual(self.box.http("GET", "/api/backups/auto-status").json["enabled"], boot == "enabled")
        return boot == "enabled"

    def installed_version(self):
        return self.box.run("dpkg-query", "--show", "--showformat=${Version}", "neopro-backup")

    def stat(self, *paths):
        return self.box.run("stat", "--format=%a %U:%G", *paths).splitlines()

    def said(self, done, *parts):
        for part in parts:
            self.assertIn(part, done[1] + done[2])
