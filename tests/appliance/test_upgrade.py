"""The package over an older version, and back again."""

import re
import tempfile
from pathlib import Path

import package
from asking import Asking
from deployment import deploy, digests, last_line, repacked, version
from installation import CONFIG, PANEL, Box


class Upgrade(Box):
    """Another version of the same program, and a broken one. Installed by pi, with sudo."""

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.old = package.package()
        cls.new = repacked(cls.folder, 1)
        cls.broken = repacked(cls.folder, 2, cls.without_a_panel)
        cls.box = package.furnished(cls.enterClassContext)
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
