"""The machines are what the other suites take them for."""

import time
import unittest
from datetime import datetime

import club
from kernel import Kernel
from machine import Machine


class NspawnMachine(unittest.TestCase):
    """One machine for all, booted once."""

    @classmethod
    def setUpClass(cls):
        cls.box = cls.enterClassContext(Machine())
        club.furnish(cls.box)
        cls.box.boot()

    def sandboxed(self, *properties, script):
        words = [word for name in properties for word in ("--property", name)]
        return self.box.finished(
            ["systemd-run", "--pipe", "--wait", "--quiet", "--collect", *words, "bash", "-c", script], check=False
        )

    def test_boots_without_a_failed_unit(self):
        self.assertEqual(self.box.wait_running(), "running")

    def test_sandbox_takes_effect(self):
        cases = {
            "PrivateNetwork=yes": f"timeout 3 bash -c '</dev/tcp/{self.box.gateway}/22' 2>&1 | grep -q unreachable",
            "PrivateUsers=yes": "! grep -q 4294967295 /proc/self/uid_map",
            "SystemCallFilter=~mkdir": "trap '' SYS; ! mkdir /run/forbidden",
            "ProtectHome=tmpfs": "! ls /home/pi",
            "ProtectSystem=strict": "! touch /etc/forbidden",
            "IPAddressDeny=any": "! timeout 1 bash -c '</dev/tcp/127.0.0.1/22'",
            "RestrictNamespaces=yes": "! unshare --net true",
            "RestrictAddressFamilies=AF_UNIX": "! bash -c '</dev/tcp/127.0.0.1/22'",
        }
        for name, script in cases.items():
            with self.subTest(name):
                status, out, err = self.sandboxed(name, script=script)
                self.assertEqual(status, 0, out + err)
                self.assertNotEqual(self.sandboxed("Nice=0", script=script)[0], 0, "it holds without, too")

    def test_reboot_and_pulled_plug_keep_files(self):
        self.box.write("/root/kept", "yes")
        self.box.reboot()
        self.assertEqual(self.box.read("/root/kept"), "yes")
        self.box.pull_the_plug()
        self.box.boot()
        self.assertEqual(self.box.read("/root/kept"), "yes")

    def test_ssh_as_root_and_as_pi(self):
        self.assertEqual(self.box.ssh("id -un"), "root\n")
        self.assertEqual(self.box.ssh("sudo id -un", user="pi"), "root\n")

    def test_old_system_runs_and_has_archives(self):
        names = club.old_system(self.box)
        self.box.wait_unit("neopro-admin.service")
        for name in names:
            members = self.box.run("tar", "-tzf", f"{club.BACKUPS}/{name}", user="pi")
            self.assertEqual(len(members.split()), 6, members)
        self.assertEqual(self.box.http("GET", "/").body, b"Neopro Admin\n")
        pid = self.box.pid_on_host("neopro-admin")
        with open(f"/proc/{pid}/cmdline", "rb") as words:
            self.assertIn(b"server.pl", words.read())


class UserModeLinux(unittest.TestCase):
    """The clock and the power switch."""

    def test_own_clock_and_lost_page_cache(self):
        with Kernel() as box:
            club.furnish(box)
            box.boot()
            before = time.time() - time.monotonic()
            box.set_clock(datetime(2036, 3, 30, 1, 59, 58))
            time.sleep(3)
            self.assertEqual(box.run("date", "+%F %H %Z"), "2036-03-30 03 CEST\n")
            box.set_clock(datetime(2024, 12, 18, 3))
            self.assertEqual(box.now().year, 2024)
            self.assertLess(abs(time.time() - time.monotonic() - before), 1)
            box.write("/root/synced", "yes")
            box.run("sync")
            box.write("/root/unsynced", "no")
            box.pull_the_plug()
            box.boot(clock=datetime(2031, 1, 1))
            self.assertEqual(box.now().year, 2031)
            self.assertTrue(box.exists("/root/synced"))
            self.assertFalse(box.exists("/root/unsynced"))
