"""The package over SSH: onto a fresh machine, over an older version, back again, and off."""

import os
import re
import socket
import tempfile
import time
import unittest
from pathlib import Path

import club
import package
from commands import finished, wait_for
from deployment import DEPLOY, deploy, digests, downloaded, repacked, version
from machine import Machine
from test_kills import Asking

CONFIG = "/etc/neopro-backup/config.toml"
PANEL = "neopro-admin.service"
SOCKET = "neopro-admin.socket"
TIMER = "neopro-backup.timer"
BACKUP = "neopro-backup.service"
UNITS = (SOCKET, PANEL, BACKUP, "neopro-backup-auto@on.service", TIMER)
# The least and the most seconds that deploy waits for a machine that says nothing.
SILENCE = (10, 30)

# All that lies on the machine's disk. What other programs write down as they run is left out:
# the logs of systemd, dpkg and apt, and the lists that apt makes of what dpkg knows.
LISTING = "find / -xdev -path /var/log -prune -o -path /var/cache/apt -prune -o -path /var/lib/apt -prune -o -print"


def last_line(text):
    return text.strip().splitlines()[-1]


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


class Fresh(Box):
    """What a club finds after the one command."""

    @classmethod
    def setUpClass(cls):
        cls.box = cls.enterClassContext(Machine())
        club.furnish(cls.box)
        cls.box.boot()
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
        self.assertRegex(self.box.run("systemctl", "status", "neopro-admin"), r'Status: "\d+ sauvegardes?, dernière ')

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


class Upgrade(Box):
    """Another version of the same program, and a broken one. Installed by pi, with sudo."""

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.old = package.package()
        cls.new = repacked(cls.folder, 1)
        cls.broken = repacked(cls.folder, 2, cls.without_a_panel)
        cls.box = cls.enterClassContext(Machine())
        club.furnish(cls.box)
        cls.box.boot()
        cls.first = deploy(cls.box, "--backup-now", user="pi")

    @staticmethod
    def without_a_panel(tree):
        unit = tree / "lib/systemd/system" / PANEL
        text = unit.read_text(encoding="utf-8")
        unit.write_text(re.sub("^ExecStart=.*", "ExecStart=/bin/false", text, flags=re.MULTILINE), encoding="utf-8")

    def setUp(self):
        """From the old version, with the timer on."""
        if self.installed_version() != version(self.old):
            deploy(self.box)
        self.box.run("neopro-backup", "auto", "on")
        self.before = digests(self.box)
        self.assertNotEqual(self.before, {})

    def test_pi_needs_no_root(self):
        self.assertEqual(last_line(self.first[1]), f"== the panel: http://{self.box.address}:8080/")
        self.said(self.first, "none -> ", '"success": true')

    def test_switch_settings_and_archives_outlive_it_there_and_back(self):
        own = self.box.read(CONFIG) + "\n[retention]\ndays = 30\n"
        self.addCleanup(self.box.edit, CONFIG, self.box.read(CONFIG))
        self.box.edit(CONFIG, own)
        for enable in (False, True):
            with self.subTest(enable=enable):
                self.box.run("neopro-backup", "auto", "on" if enable else "off")
                self.said(deploy(self.box, deb=self.new), f"{version(self.old)} -> {version(self.new)}")
                self.assertEqual(self.is_timer_on(), enable)
                done = deploy(self.box, "--rollback")
                self.said(done, f"installed again: {version(self.old)}", "the version before is back")
                self.assertEqual(self.installed_version(), version(self.old))
                self.assertEqual(self.is_timer_on(), enable)
                self.assertEqual(self.box.read(CONFIG), own)
                self.assertEqual(digests(self.box), self.before)

    def test_whoever_asks_meanwhile_is_answered(self):
        asking = Asking(self.box)
        asking.start()
        try:
            deploy(self.box, deb=self.new, user="pi")
            deploy(self.box, "--rollback", user="pi")
        finally:
            asking.stop()
        print(f"{asking.answered} answers, {asking.refused} refused, {asking.cut} cut off, "
              f"longest wait {asking.longest:.1f} s")
        self.assertEqual(asking.refused, 0)
        self.assertGreater(asking.answered, 20)

    def test_a_changed_setting_of_both_sides_stays_the_installer_s(self):
        def change(tree):
            with open(tree / CONFIG.lstrip("/"), "a", encoding="utf-8") as file:
                file.write("# A line that the coming version adds.\n")

        own = self.box.read(CONFIG) + "\n[ui]\nlanguage = \"en\"\n"
        self.addCleanup(self.box.edit, CONFIG, self.box.read(CONFIG))
        self.box.edit(CONFIG, own)
        deploy(self.box, deb=repacked(self.folder, 3, change))
        self.assertEqual(self.box.read(CONFIG), own)
        self.assertEqual(self.box.shell(f"ls {CONFIG}?* || true"), "", "and nothing lies beside it")

    def test_a_version_whose_panel_does_not_answer_is_taken_back(self):
        self.taken_back(self.broken, "the panel does not answer")

    def test_a_version_that_cannot_be_installed_is_taken_back(self):
        def change(tree):
            (tree / "DEBIAN/postinst").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")

        self.taken_back(repacked(self.folder, 4, change), "error processing package neopro-backup")

    def taken_back(self, deb, why):
        done = deploy(self.box, "--backup-now", deb=deb, check=False)
        self.assertEqual(done[0], 1)
        self.said(done, why, "going back to the version before",
                  "the upgrade failed; the version before is back, and its panel answers")
        self.assertNotIn("== the panel:", done[1])
        self.assertEqual(self.installed_version(), version(self.old))
        self.assertEqual(package.archives(self.box), sorted(self.before, reverse=True))
        self.assertTrue(self.is_timer_on())


class Removal(Box):
    """What dpkg takes away, and what it leaves."""

    @classmethod
    def setUpClass(cls):
        cls.box = cls.enterClassContext(Machine())
        club.furnish(cls.box)
        cls.box.boot()

    def listing(self):
        return set(self.box.shell(LISTING).splitlines())

    def nothing_runs(self):
        self.assertFalse(self.box.succeeds("pgrep", "--full", "/usr/bin/neopro-backup"))
        self.assertFalse(self.box.succeeds("pgrep", "--uid", "neopro-backup"))
        self.assertEqual(self.box.run("systemctl", "list-unit-files", "--no-legend", "neopro*", check=False), "")
        running = ["systemctl", "list-units", "--no-legend", "--state=active,failed", "neopro*"]
        self.assertEqual(self.box.run(*running), "")
        with self.assertRaises(ConnectionRefusedError):
            self.box.http("GET", "/")

    def test_remove_keeps_what_is_the_club_s_and_purge_the_archives(self):
        untouched, accounts = self.listing(), self.accounts()
        deploy(self.box, "--backup-now")
        self.box.run("neopro-backup", "auto", "off")
        self.box.edit(CONFIG, self.box.read(CONFIG) + "\n[retention]\ndays = 30\n")
        name = package.archives(self.box)[0]
        self.box.run("neopro-backup", "pin", name)
        config, archives = self.box.read(CONFIG), digests(self.box)

        self.box.run("dpkg", "--remove", "neopro-backup")
        self.nothing_runs()
        self.assertEqual((self.box.read(CONFIG), digests(self.box)), (config, archives))
        self.assertTrue(self.box.exists(f"/var/lib/neopro-backup/pins/{name}"))

        deploy(self.box)
        self.assertFalse(self.is_timer_on(), "off, as before")
        self.assertEqual((self.box.read(CONFIG), digests(self.box)), (config, archives))
        listed = self.box.http("GET", "/api/backups").json["backups"]
        self.assertEqual([(one["name"], one["pinned"]) for one in listed], [(name, True)])
        self.box.run("neopro-backup", "auto", "on")

        said = self.box.run("dpkg", "--purge", "neopro-backup")
        self.assertIn(f"the backups stay in {club.BACKUPS}", said)
        self.nothing_runs()
        self.assertEqual(digests(self.box), archives)
        left = self.listing() - untouched
        # systemd's own folder for the times of all timers stays, empty.
        left.discard("/var/lib/systemd/timers")
        files = {"backup.log", "last-backup-status.json", *archives}
        self.assertEqual(left, {club.BACKUPS, *(f"{club.BACKUPS}/{file}" for file in files)})
        self.assertEqual(untouched - self.listing(), set())
        for line in self.accounts() - accounts:
            self.assertIn("neopro-backup", line)

        deploy(self.box)
        self.assertEqual(package.archives(self.box), [name])
        self.assertTrue(self.is_timer_on())
        self.assertNotIn("days = 30", self.box.read(CONFIG))
        self.assertEqual(downloaded(self.box, name), archives[name])
        self.one_backup()

    def accounts(self):
        return set(self.box.shell("cat /etc/passwd /etc/group").splitlines())


class Elsewhere(Box):
    """Another club's user, another place."""

    def fresh(self, user="pi"):
        """A box whose first user is this one; without one where it is None."""
        self.box = self.enterContext(Machine())
        self.box.boot()
        if user != "pi":
            self.box.run("userdel", "--remove", "pi")
        if user and user != "pi":
            self.add(user)
        elif user:
            club.furnish(self.box)

    def add(self, user):
        """A user, and the club that is the user's."""
        self.box.run("useradd", "--create-home", "--uid=1234", "--shell=/bin/bash", user)
        club.furnish(self.box, user, 1234)

    def test_of_another_user_all_is_that_user_s(self):
        self.fresh("neo")
        place = "/home/neo/neopro-backups"
        deploy(self.box, "--user", "neo", "--backup-now")
        name = package.archives(self.box)[0]
        self.assertEqual(self.stat(place, f"{place}/{name}"), ["2775 neo:neopro-backup", "640 neo:neopro-backup"])
        members = self.box.run("tar", "-tzf", f"{place}/{name}", user="neo")
        for member in ("configuration.json", "sync-agent.env", "site.conf", "videos-inventory.txt"):
            self.assertIn(member, members)
        for unit in (PANEL, BACKUP):
            self.assertIn("10-configuration.conf", self.box.run("systemctl", "cat", unit))
        self.assertEqual(self.box.show(BACKUP, "User"), "neo")
        self.assertEqual(self.box.http("DELETE", f"/api/backups/{name}").status, 200)
        self.assertEqual(package.archives(self.box), [])
        self.at_night(place, "neo")
        self.assertFalse(self.box.exists("/home/pi"))
        # Of this user as of pi: what stands there is taken as it is.
        self.said(deploy(self.box, "--user", "neo"), "has a section [club] already")
        self.assertEqual(len(digests(self.box, place)), 1)

    def at_night(self, place, owner):
        """The timer's hour comes in a second, and with it the backup."""
        drop_in = f"/run/systemd/system/{TIMER}.d/soon.conf"
        self.box.edit(drop_in, "[Timer]\nOnCalendar=\nOnActiveSec=1\nPersistent=no\n")
        try:
            self.box.shell(f"systemctl daemon-reload; systemctl restart {TIMER}")
            wait_for("the timer's backup", lambda: package.archives(self.box), 15)
        finally:
            self.box.shell(f"rm {drop_in}; systemctl daemon-reload; systemctl restart {TIMER}")
        self.box.wait_unit(BACKUP, "inactive")
        name = package.archives(self.box)[0]
        self.assertEqual(self.stat(f"{place}/{name}"), [f"640 {owner}:neopro-backup"])

    def test_on_another_disk(self):
        self.fresh()
        deploy(self.box)
        place = "/mnt/usb/backups"
        self.box.shell("mkdir -p /mnt/usb && chown pi: /mnt/usb")
        self.box.edit(CONFIG, self.box.read(CONFIG) + f'\n[paths]\nbackups = "{place}"\n')
        self.box.run("dpkg-reconfigure", "neopro-backup")
        package.answers(self.box)
        self.assertEqual(self.stat(place), ["2775 pi:neopro-backup"])
        name = self.one_backup()
        self.assertEqual(self.stat(f"{place}/{name}"), ["640 pi:neopro-backup"])
        self.assertEqual(self.box.shell(f"ls {club.BACKUPS}"), "")
        self.box.run("systemctl", "start", BACKUP)
        self.assertEqual(package.archives(self.box), sorted(digests(self.box, place), reverse=True))
        said = self.box.run("dpkg", "--purge", "neopro-backup")
        self.assertIn(f"the backups stay in {place}", said)
        self.assertNotEqual(digests(self.box, place), {})

    def test_moved_by_hand_and_reloaded(self):
        """Without the package's help, as a directory that is right needs none."""
        self.fresh()
        deploy(self.box)
        place = "/mnt/usb/backups"
        self.box.run("install", "-d", "-o", "pi", "-g", "neopro-backup", "-m", "2775", place)
        self.box.edit(CONFIG, self.box.read(CONFIG) + f'\n[paths]\nbackups = "{place}"\n')
        self.box.shell(f"systemctl daemon-reload; systemctl restart {PANEL}")
        name = self.one_backup()
        self.assertEqual(list(digests(self.box, place)), [name])

    def test_without_a_user_it_says_what_to_do(self):
        self.fresh(None)
        done = deploy(self.box, check=False)
        self.assertEqual(done[0], 1)
        self.said(done, "there is no user pi", "--user NAME")
        self.assertFalse(self.box.exists(CONFIG), "nothing was begun")
        begun = time.monotonic()
        done = package.install(self.box)
        self.assertLess(time.monotonic() - begun, 20, "a panel that waits for its directory is not waited for")
        self.said(done, "there is no user pi", '[club] user = "NAME"', "dpkg-reconfigure neopro-backup")
        told = self.box.http("GET", "/api/backups")
        self.assertEqual((told.status, told.json["code"]), (503, "no_backup_directory"))
        self.add("neo")
        self.box.edit(CONFIG, self.box.read(CONFIG) + '\n[club]\nuser = "neo"\n')
        self.box.run("dpkg-reconfigure", "neopro-backup")
        package.answers(self.box)
        name = self.one_backup()
        self.assertEqual(self.stat(f"/home/neo/neopro-backups/{name}"), ["640 neo:neopro-backup"])
        self.assertTrue(self.is_timer_on())
        self.said(deploy(self.box), f"== the panel: http://{self.box.address}:8080/")
