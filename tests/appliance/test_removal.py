"""The package off again."""

import club
import package
from deployment import deploy, digests, downloaded
from installation import CONFIG, Box

# All that lies on the machine's disk. What other programs write down as they run is left out:
# the logs of systemd, dpkg and apt, and the lists that apt makes of what dpkg knows.
LISTING = "find / -xdev -path /var/log -prune -o -path /var/cache/apt -prune -o -path /var/lib/apt -prune -o -print"


class Removal(Box):
    """What dpkg takes away, and what it leaves."""

    @classmethod
    def setUpClass(cls):
        cls.box = package.furnished(cls.enterClassContext)

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
        self.assertEqual(self.box.http("PUT", "/api/schedule", {"at": "18:30"}).status, 200)
        self.assertEqual(self.box.http("PUT", "/api/retention", {"keep_daily": 5}).status, 200)
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
        self.assertEqual(self.box.http("GET", "/api/schedule").json["at"], "18:30")
        self.assertEqual(self.box.http("GET", "/api/retention").json["policy"]["keep_daily"], 5)
        self.assertEqual((self.box.read(CONFIG), digests(self.box)), (config, archives))
        listed = self.box.http("GET", "/api/backups").json["backups"]
        self.assertEqual([(one["name"], one["pinned"]) for one in listed], [(name, True)])
        self.box.run("neopro-backup", "auto", "on")
        self.box.run("neopro-backup", "restore", name, "--yes")
        self.assertEqual(self.box.http("GET", f"/api/backups/{name}/diff").status, 200)
        self.assertTrue(self.box.exists("/var/lib/neopro-backup/restore/lock"))
        archives = digests(self.box)

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
        self.assertEqual(package.archives(self.box), sorted(archives, reverse=True))
        self.assertTrue(self.is_timer_on())
        self.assertNotIn("days = 30", self.box.read(CONFIG))
        self.assertEqual(downloaded(self.box, name), archives[name])
        self.one_backup()

    def accounts(self):
        return set(self.box.shell("cat /etc/passwd /etc/group").splitlines())
