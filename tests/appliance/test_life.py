"""The panel's life as a service: it is ready when it is, is restarted when it hangs, and lets
nobody stand before a closed door."""

import contextlib
import os
import signal
import subprocess
import threading
import time
import unittest

import club
import package
from commands import wait_for
from deployment import installed
from machine import Machine

PANEL = "neopro-admin.service"


class Panel(unittest.TestCase):
    """What both kinds of test ask of the box that `setUpClass` makes."""

    @classmethod
    def know(cls, box):
        cls.box = box
        cls.watchdog = seconds(box.show(PANEL, "WatchdogUSec"))
        cls.abort = seconds(box.show(PANEL, "TimeoutAbortUSec"))

    def pid(self):
        return int(self.box.show(PANEL, "MainPID"))

    def status_text(self):
        return self.box.show(PANEL, "StatusText")

    def fields(self):
        return self.box.run("journalctl", f"--unit={PANEL}", "--output=json", "--lines=60")

    def restarts(self):
        return int(self.box.show(PANEL, "NRestarts"))

    def restarted_in_time(self, before, began):
        """The watchdog notices, and systemd starts another process in the place of this one."""
        most = self.watchdog + self.abort
        wait_for("the watchdog's restart", lambda: self.restarts() > before, most + 15, every=0.2)
        took = time.monotonic() - began
        print(f"restarted after {took:.1f} s of {most:.0f} s")
        # Half a second is systemd's to start it anew.
        self.assertLess(took, most + 1)
        self.assertIn("watchdog", self.box.journal(PANEL, 60).lower())


class Hanging(Panel):
    """A card that dies under the panel: a file system of a program's on this side, which is stopped."""

    @classmethod
    def setUpClass(cls):
        box = cls.enterClassContext(Machine())
        club.furnish(box)
        card = box.disk() / club.BACKUPS.lstrip("/")
        cls.server = cls.enterClassContext(mirrored(box.folder / "card", card))
        box.boot()
        package.install(box)
        package.answers(box)
        cls.know(box)

    def test_a_storage_thread_that_hangs_is_noticed(self):
        before = self.restarts()
        began = time.monotonic()
        self.server.send_signal(signal.SIGSTOP)
        try:
            self.restarted_in_time(before, began)
        finally:
            self.server.send_signal(signal.SIGCONT)
        package.answers(self.box)
        self.assertIn("the storage thread did not answer", self.fields())


@contextlib.contextmanager
def mirrored(behind, place):
    """Mounts a folder's mirror at `place`, by a process that is given."""
    behind.mkdir()
    place.mkdir(parents=True)
    server = subprocess.Popen(["bindfs", "-f", "-o", "allow_other", behind, place])
    try:
        wait_for("the mirror", lambda: os.path.ismount(place), 10)
        yield server
    finally:
        server.send_signal(signal.SIGCONT)
        subprocess.run(["umount", "--lazy", place], check=False, timeout=10)
        server.kill()
        server.wait(10)


class Life(Panel):
    """One box for all."""

    @classmethod
    def setUpClass(cls):
        cls.know(installed(cls.enterClassContext))

    def setUp(self):
        self.box.run("systemctl", "start", PANEL)
        package.answers(self.box)

    def test_ready_says_in_words_how_the_backups_stand(self):
        self.box.run("systemctl", "start", "neopro-backup.service")
        count = len(package.archives(self.box))
        self.box.run("systemctl", "restart", PANEL)
        noun = "sauvegarde" if count == 1 else "sauvegardes"
        said = f"{count} {noun}. Tout va bien : dernière sauvegarde à l'instant, vérifiée."
        wait_for("the sentence", lambda: self.status_text() == said, 5)
        self.assertIn(f'Status: "{said}"', self.box.run("systemctl", "status", PANEL))

    def test_a_panel_that_is_stopped_by_a_signal_is_restarted(self):
        before = self.restarts()
        began = time.monotonic()
        os.kill(self.box.pid_on_host(PANEL), signal.SIGSTOP)
        self.restarted_in_time(before, began)
        package.answers(self.box)

    def test_a_full_card_is_degraded_and_not_dead(self):
        # As large as two of the files that it holds, mounted over the directory as another card is.
        self.box.shell(f"mount -t tmpfs -o size=64k,mode=2775,uid=pi,gid=neopro-backup full {club.BACKUPS}")
        try:
            self.box.run("systemctl", "restart", PANEL)
            self.box.shell(f"head -c 70000 /dev/zero > {club.BACKUPS}/filler || true")
            told = self.box.http("POST", "/api/backups/create")
            self.assertEqual((told.status, told.json["code"]), (507, "disk_full"))
            before = self.pid()
            time.sleep(self.watchdog + 5)
            self.assertEqual(self.pid(), before)
            self.assertEqual(self.box.http("GET", "/api/health").status, 200)
        finally:
            self.box.run("umount", club.BACKUPS)
            self.box.run("systemctl", "restart", PANEL)

    def test_a_directory_that_another_takes_the_place_of_is_left_for_it(self):
        self.box.run("systemctl", "start", "neopro-backup.service")
        self.assertNotEqual(package.archives(self.box), [])
        away = f"{club.BACKUPS}.away"
        make = f"install -d -m 2775 -o pi -g neopro-backup {club.BACKUPS}"
        self.box.shell(f"mv {club.BACKUPS} {away} && {make}")
        try:
            wait_for("the new directory's list", lambda: self.listed() == [], self.watchdog + 10, every=0.5)
        finally:
            self.box.shell(f"rm -r {club.BACKUPS} && mv {away} {club.BACKUPS}")
        wait_for("the old directory's list", lambda: self.listed(), self.watchdog + 10, every=0.5)

    def listed(self):
        try:
            return package.archives(self.box)
        except (OSError, KeyError):
            return None

    def test_a_missing_directory_is_told_by_the_panel_and_healed_when_it_is_back(self):
        away = f"{club.BACKUPS}.away"
        quick = "/run/systemd/system/neopro-admin.service.d/quick.conf"
        self.box.edit(quick, "[Service]\nTimeoutStartSec=3\n")
        self.box.shell(f"systemctl daemon-reload; mv {club.BACKUPS} {away}; systemctl restart --no-block {PANEL}")
        try:
            told = wait_for("an answer", lambda: self.error("/api/backups"), 10)
            self.assertEqual(told, (503, "no_backup_directory"))
            self.assertEqual(self.box.show(PANEL, "ActiveState"), "activating", "it is not ready")
            self.assertIn("n'existe pas", self.status_text())
        finally:
            self.box.run("mv", away, club.BACKUPS)
        try:
            self.box.wait_unit(PANEL, timeout=20)
        finally:
            self.box.shell(f"rm {quick}; systemctl daemon-reload")

    def error(self, path):
        try:
            told = self.box.http("GET", path, timeout=5)
            return told.status, told.json["code"]
        except (OSError, KeyError):
            return None

    def test_a_long_sweep_has_the_time_it_needs(self):
        # The card takes twelve seconds to delete what a killed run left, and a start may take eight.
        self.box.run("systemctl", "stop", PANEL)
        self.box.shell(f"touch {club.BACKUPS}/.neopro-backup-x.partial")
        slow = "/run/systemd/system/neopro-admin.service.d/slow.conf"
        strace = "/usr/bin/strace -D --quiet=all -f -o /dev/null -e trace=unlink,unlinkat"
        strace += " -e inject=unlink,unlinkat:delay_enter=12000000"
        self.box.edit(slow, "[Service]\nTimeoutStartSec=8\nNotifyAccess=all\nSystemCallFilter=\n"
                            f"ExecStart=\nExecStart={strace} /usr/bin/neopro-backup serve\n")
        self.box.run("systemctl", "daemon-reload")
        try:
            begun = time.monotonic()
            self.box.run("systemctl", "start", PANEL)
            self.assertGreater(time.monotonic() - begun, 11, "the sweep was slow")
            self.assertFalse(self.box.exists(f"{club.BACKUPS}/.neopro-backup-x.partial"))
        finally:
            self.box.shell(f"rm {slow}; systemctl daemon-reload; systemctl restart {PANEL}")

    def test_sigterm_lets_a_download_end(self):
        with open("/dev/urandom", "rb") as chance:
            self.box.edit(f"{club.BACKUPS}/backup-20240101-000000.tar.gz", chance.read(24 << 20))
        sizes = []

        def download():
            sizes.append(len(self.box.http("GET", "/api/backups/download/backup-20240101-000000.tar.gz").body))

        threads = [threading.Thread(target=download) for _ in range(4)]
        for thread in threads:
            thread.start()
        self.box.run("systemctl", "restart", PANEL)
        for thread in threads:
            thread.join(30)
        self.assertEqual(sizes, [24 << 20] * 4)
        self.box.run("rm", f"{club.BACKUPS}/backup-20240101-000000.tar.gz")

    def test_logs_are_fields_in_the_journal(self):
        self.box.run("systemctl", "restart", PANEL)
        self.assertIn('"F_ADDRESS":"[::]:8080"', self.fields())

    def test_a_wrong_configuration_is_told_and_mended_without_help(self):
        config = "/etc/neopro-backup/config.toml"
        good = self.box.read(config)
        self.box.edit(config, "[retention]\ndays = 0\n")
        try:
            self.box.run("systemctl", "restart", "--no-block", PANEL)
            wait_for("the error's line", lambda: f"{config}:2" in self.box.journal(PANEL, 20), 20)
        finally:
            self.box.edit(config, good)
        self.box.wait_unit(PANEL, timeout=30)


def seconds(shown):
    """`30s`, `1min 30s` as systemd shows spans, in seconds."""
    units = {"us": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "h": 3600}
    total = 0.0
    for word in shown.split():
        number = word.rstrip("abcdefghijklmnopqrstuvwxyz")
        total += float(number) * units[word[len(number):]]
    return total
