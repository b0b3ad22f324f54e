"""The package over SSH, onto a fresh machine, and what deploy says where it cannot."""

import os
import re
import socket
import time
import unittest

import club
import package
from commands import finished
from deployment import DEPLOY, deploy, digests, last_line, version
from installation import CONFIG, PANEL, SOCKET, TIMER, BACKUP, UNITS, Box

# The least and the most seconds that deploy waits for a machine that says nothing.
SILENCE = (10, 30)


class Fresh(Box):
    """What a club finds after the one command."""

    @classmethod
    def setUpClass(cls):
        cls.box = package.furnished(cls.enterClassContext)
        cls.done = deploy(cls.box, "--backup-now")

    def test_it_says_the_address_of_a_panel_with_a_verified_backup(self):
        self.assertEqual(last_line(self.done[1]), f"== the panel: http://{self.box.address}:8080/")
        self.said(self.done, "making a backup", '"success": true')
        self.assertIn(b"<html", self.box.http("GET", "/").body)
        backups = self.box.http("GET", "/api/backups").json["backups"]
        self.assertEqual(backups[-1]["verification"], "verified")

    def test_units_are_on(self):
        for unit in (SOCKET, PANEL, TIMER):
            self.assertEqual(self.box.run("systemctl", "is-enabled", unit, check=False), "enabled\n", unit)
            self.assertEqual(self.box.show(unit, "ActiveState"), "active", unit)
        self.assertEqual(self.box.run("systemctl", "is-enabled", BACKUP, check=False), "static\n")
        self.assertIn(" 03:00:00 ", self.box.show(TIMER, "NextElapseUSecRealtime"))
        self.assertEqual(self.box.wait_running(), "running", "no unit failed")
        self.assertRegex(self.box.run("systemctl", "status", "neopro-admin"), r'Status: "\d+ sauvegardes?\. ')

    def test_systemd_has_nothing_to_say_against_the_units(self):
        manual = "--man=yes" if self.box.succeeds("which", "man") else "--man=no"
        done = self.box.finished(["systemd-analyze", "verify", manual, *UNITS])
        self.assertEqual(done, (0, "", ""))
        for unit in UNITS:
            page = re.fullmatch(r'"man:([a-z-]+)\((\d)\)"', self.box.show(unit, "Documentation"))
            self.assertTrue(self.box.exists("/usr/share/man/man{1}/{0}.{1}.gz".format(*page.groups())), unit)

    def test_manual_completions_and_licences_are_there(self):
        listed = self.box.run("dpkg", "--listfiles", "neopro-backup").split()
        share = "/usr/share"
        for path in (
            f"{share}/man/man1/neopro-backup.1.gz",
            f"{share}/man/man1/neopro-backup-run.1.gz",
            f"{share}/bash-completion/completions/neopro-backup",
            f"{share}/zsh/vendor-completions/_neopro-backup",
            f"{share}/fish/vendor_completions.d/neopro-backup.fish",
            f"{share}/doc/neopro-backup/copyright",
            f"{share}/doc/neopro-backup/third-party-licences.gz",
        ):
            self.assertIn(path, listed)
        self.assertIn("NAME", self.box.shell(f"zcat {share}/man/man1/neopro-backup.1.gz"))
        words = f". {share}/bash-completion/completions/neopro-backup; complete -p neopro-backup"
        self.assertIn("neopro-backup", self.box.shell(words))
        conffiles = self.box.run("dpkg-query", "--show", "--showformat=${Conffiles}", "neopro-backup")
        self.assertEqual([line.split()[0] for line in conffiles.strip().splitlines()], [CONFIG])
        self.assertEqual(self.box.finished(["dpkg", "--verify", "neopro-backup"])[:2], (0, ""))

    def test_modes_and_owners(self):
        archive = f"{club.BACKUPS}/{package.archives(self.box)[-1]}"
        status = f"{club.BACKUPS}/last-backup-status.json"
        self.assertEqual(
            self.stat(club.BACKUPS, archive, status, CONFIG),
            ["2775 pi:neopro-backup", "640 pi:neopro-backup", "644 pi:neopro-backup", "644 root:root"],
        )
        self.assertIn("neopro-backup", self.box.run("id", "-nG", "pi").split())

    def test_again_as_another_user_it_changes_nothing(self):
        self.box.run("neopro-backup", "auto", "off")
        self.addCleanup(self.box.run, "neopro-backup", "auto", "on")
        self.addCleanup(self.box.edit, CONFIG, self.box.read(CONFIG))
        self.box.edit(CONFIG, self.box.read(CONFIG) + "\n[retention]\ndays = 30\n")
        config, before = self.box.read(CONFIG), digests(self.box)
        done = deploy(self.box, user="pi")
        self.said(done, f"{version(package.package())} -> {version(package.package())}")
        self.assertEqual(last_line(done[1]), f"== the panel: http://{self.box.address}:8080/")
        self.assertEqual((self.box.read(CONFIG), digests(self.box)), (config, before))
        self.assertFalse(self.is_timer_on())
        self.assertEqual(self.box.shell("ls -d /tmp/neopro-deploy* || true"), "", "nothing is left in /tmp")

    def test_there_is_nothing_to_go_back_to(self):
        done = deploy(self.box, "--rollback", check=False)
        self.assertEqual(done[0], 1)
        self.said(done, "no earlier version is kept")
        self.assertEqual(self.installed_version(), version(package.package()))


class Told(unittest.TestCase):
    """What it says where it can do nothing."""

    def deploy(self, *words, options=""):
        env = {**os.environ, "NEOPRO_SSH_OPTIONS": options}
        return finished([DEPLOY, *words], check=False, timeout=60, env=env)

    def test_wrong_usage_ends_with_2(self):
        for words in ([], ["--deb"], ["a", "b"], ["--frob", "a"], ["a", "--user", "A b"], ["a", "--user"],
                      ["a", "--deb", "/no/such.deb"], ["a", "--rollback", "--backup-now"]):
            status, out, err = self.deploy(*words)
            self.assertEqual((status, out), (2, ""), words)
            self.assertIn("usage:", err)

    def test_a_host_that_refuses_or_is_silent_is_told_in_time(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
            begun = time.monotonic()
            options = f"-F none -p {port} -o BatchMode=yes"
            status, _, err = self.deploy("root@127.0.0.1", "--backup-now", options=options)
            took = time.monotonic() - begun
        self.assertEqual(status, 1)
        self.assertIn("root@127.0.0.1 cannot be reached with ssh", err)
        self.assertGreater(took, SILENCE[0], "a slow machine has the time it needs")
        self.assertLess(took, SILENCE[1])
        status, _, err = self.deploy("root@127.0.0.1", options=options)
        self.assertEqual(status, 1)
        self.assertIn("root@127.0.0.1 cannot be reached with ssh", err)
