"""An emulated arm64 machine boots and does what the others do."""

import unittest

from machine import Machine


class Arm64(unittest.TestCase):
    """Sandboxes are not to be tested here: emulation enforces no seccomp filter."""

    def test_boots_and_runs_commands(self):
        with Machine(arch="arm64") as box:
            box.boot()
            self.assertEqual(box.wait_running(), "running")
            self.assertEqual(box.run("uname", "-m"), "aarch64\n")
            self.assertEqual(box.ssh("dpkg --print-architecture"), "arm64\n")
