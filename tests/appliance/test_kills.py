"""A panel that is killed again and again, and a client that asks all the while."""

import time
import unittest

import package
from asking import Asking
from commands import wait_for
from deployment import installed

PANEL = "neopro-admin.service"
KILLS = 200


class Kills(unittest.TestCase):
    """One a second."""

    def test_killed_again_and_again_it_refuses_nobody(self):
        self.box = installed(self.enterContext)
        asking = Asking(self.box)
        asking.start()
        kills = 0
        try:
            for _ in range(KILLS):
                next_kill = time.monotonic() + 1
                pid = wait_for("a living panel", lambda: int(self.box.show(PANEL, "MainPID")), 20)
                self.box.run("kill", "-KILL", pid, check=False)
                kills += 1
                time.sleep(max(0, next_kill - time.monotonic()))
        finally:
            asking.stop()
        package.answers(self.box)
        print(f"{kills} kills, {asking.answered} answers, {asking.refused} refused, {asking.cut} cut off, "
              f"longest wait {asking.longest:.1f} s")
        self.assertEqual(asking.refused, 0)
        self.assertEqual(self.box.show(PANEL, "ActiveState"), "active")
        self.assertEqual(self.box.show("neopro-admin.socket", "ActiveState"), "active")
        self.assertGreaterEqual(int(self.box.show(PANEL, "NRestarts")), KILLS)
        self.assertGreater(asking.answered, KILLS)
