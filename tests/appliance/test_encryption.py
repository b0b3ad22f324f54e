"""TLS on a whole machine: the panel makes and reads its certificate in its own sandbox."""

import tempfile
from pathlib import Path

from commands import run
from deployment import deploy, installed, last_line, repacked
from installation import CONFIG, PANEL, Box

ACCESS = "/var/lib/neopro-backup/access"
PEM = f"{ACCESS}/tls.pem"
CERTIFICATE, KEY = "/etc/panel/cert.pem", "/etc/panel/key.pem"
FILES = ('mode = "files"', f'certificate = "{CERTIFICATE}"', f'key = "{KEY}"')


class Encryption(Box):
    """Both modes, one after the other."""

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.box = installed(cls.enterClassContext)
        cls.settings = cls.box.read(CONFIG)
        cls.box.run("install", "-d", "-g", "neopro-backup", "-m", "750", "/etc/panel")

    def encrypt(self, *lines):
        self.box.edit(CONFIG, "\n".join([self.settings, "[tls]", *lines, ""]))
        self.addCleanup(self.plain)
        return self.box.succeeds("systemctl", "restart", PANEL)

    def plain(self):
        self.box.edit(CONFIG, self.settings)
        self.box.run("systemctl", "restart", PANEL)

    def renew(self):
        """A new certificate and its key, which the panel's group may read."""
        new = [self.folder / "key.pem", self.folder / "cert.pem"]
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-days", "30", "-subj", "/CN=box", "-keyout", new[0], "-out", new[1])
        for path, file in zip((KEY, CERTIFICATE), new):
            self.box.edit(path, file.read_text(encoding="utf-8"), 0o640)
            self.box.run("chgrp", "neopro-backup", path)

    def fingerprint(self):
        """That of the certificate in service, as the README finds it in the log."""
        lines = self.box.run("journalctl", "-u", "neopro-admin", "-o", "cat", "--output-fields=F_FINGERPRINT").split()
        self.assertRegex(lines[-1], r"^([0-9A-F]{2}:){31}[0-9A-F]{2}$")
        return lines[-1]

    def health(self):
        return self.box.run("curl", "-qksS", "-o", "/dev/null", "-w", "%{http_code}", "https://127.0.0.1:8080/api/health")

    def test_the_panel_keeps_a_certificate_that_only_it_can_read(self):
        self.assertEqual(self.stat(ACCESS), ["700 neopro-backup:neopro-backup"])
        self.assertTrue(self.encrypt('mode = "self-signed"'))
        self.assertEqual(self.health(), "200")
        self.assertEqual(self.stat(PEM), ["600 neopro-backup:neopro-backup"])
        self.assertFalse(self.box.succeeds("runuser", "-u", "pi", "--", "cat", PEM))
        first = self.fingerprint()
        self.box.run("systemctl", "restart", PANEL)
        self.assertEqual((self.health(), self.fingerprint()), ("200", first))
        self.assertEqual(self.box.http("GET", "/").status, 307)
        self.assertEqual(self.box.http("GET", "/api/backups").status, 426)
        done = deploy(self.box, deb=repacked(self.folder, 1))
        self.assertEqual(last_line(done[1]), f"== the panel: https://{self.box.address}:8080/")
        self.assertNotIn("not from here", done[1])
        self.assertEqual(self.fingerprint(), first)

    def test_somebody_s_files_are_served_and_renewed_without_a_restart(self):
        self.renew()
        self.assertTrue(self.encrypt(*FILES))
        self.assertEqual(self.health(), "200")
        first = self.fingerprint()
        self.renew()
        self.assertEqual(self.health(), "200")
        self.assertNotEqual(self.fingerprint(), first)

    def test_a_key_that_the_panel_may_not_read_is_told_without_haste(self):
        self.renew()
        self.box.run("chgrp", "root", KEY)
        self.assertFalse(self.encrypt(*FILES))
        self.assertIn(KEY, self.box.journal(PANEL, 20))
        self.assertLess(int(self.box.show(PANEL, "NRestarts")), 3)
