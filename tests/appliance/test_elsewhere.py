"""Boxes whose user or places are other ones."""

import time

import club
import package
from commands import wait_for
from deployment import deploy, digests
from installation import CONFIG, PANEL, TIMER, BACKUP, Box
from machine import Machine


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

    def test_of_another_user_with_another_state_a_restore_works(self):
        self.fresh("neo")
        deploy(self.box, "--user", "neo")
        own = '\n[paths]\nstate = "/srv/neopro-state"\nruntime = "/run/neopro-other"\n[restore]\nservices = ["scores"]\n'
        self.box.edit(CONFIG, self.box.read(CONFIG) + own)
        self.box.edit("/etc/systemd/system/scores.service", "[Service]\nExecStart=/bin/sleep infinity\n")
        self.box.run("dpkg-reconfigure", "neopro-backup")
        self.box.run("systemctl", "start", "scores.service")
        package.answers(self.box)
        name, started = self.one_backup(), self.box.show("scores.service", "MainPID")
        configuration = club.CONFIGURATION.replace("/home/pi/", "/home/neo/")
        state = f"sha256sum {configuration}; stat --format='%a %U:%G %y' {configuration}"
        before = self.box.shell(state)
        self.box.edit(configuration, "{}")
        self.assertEqual(self.box.http("GET", f"/api/backups/{name}/diff").status, 200)
        told = self.box.http("POST", f"/api/backups/{name}/restore", {}, timeout=90)
        self.assertEqual(told.status, 200, told.body)
        self.assertEqual(self.box.shell(state), before)
        self.assertNotEqual(self.box.show("scores.service", "MainPID"), started)
        self.assertEqual(self.stat("/srv/neopro-state/restore"), ["700 root:neopro-backup"])
        self.assertEqual(self.stat("/run/neopro-other/restore"), ["2750 neopro-backup:neopro-backup"])
        resume = "neopro-restore-resume.service"
        self.assertIn("scores.service", self.box.show(resume, "Before").split())
        # As a plug that was pulled leaves it, before the state's own note can be read.
        self.box.edit("/srv/neopro-state/restore/intent.json", "{", 0o600)
        self.assertFalse(self.box.succeeds("systemctl", "start", resume))
        self.assertIn("/srv/neopro-state/restore/intent.json", self.box.journal(resume))
        self.box.run("rm", "/srv/neopro-state/restore/intent.json")
        self.box.run("systemctl", "start", resume)
        self.assertEqual(self.box.show(resume, "ConditionResult"), "no")
        self.assertEqual(self.box.show("neopro-backup-verify.service", "User"), "neo")
        self.box.run("systemctl", "start", "neopro-backup-verify.service")

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
