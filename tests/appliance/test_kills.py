"""A panel that is killed again and again, and a client that asks all the while."""

import http.client
import threading
import time
import unittest

import package
from commands import wait_for

PANEL = "neopro-admin.service"
KILLS = 200


class Kills(unittest.TestCase):
    """One a second."""

    def test_killed_again_and_again_it_refuses_nobody(self):
        self.box = package.installed(type(self))
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


class Asking(threading.Thread):
    """A client that asks all the while. Who is cut off in the middle of an answer asks again;
    who is refused, or waits longer than a browser would, has stood before a closed door."""

    def __init__(self, box):
        super().__init__(daemon=True)
        self.box = box
        self.going_on = True
        self.answered = self.refused = self.cut = 0
        self.longest = 0.0

    def run(self):
        while self.going_on:
            begun = time.monotonic()
            try:
                self.box.http("GET", "/api/health", timeout=20)
                self.answered += 1
            except (ConnectionRefusedError, TimeoutError):
                self.refused += 1
            except (OSError, http.client.HTTPException):
                self.cut += 1
            self.longest = max(self.longest, time.monotonic() - begun)
            time.sleep(0.02)

    def stop(self):
        self.going_on = False
        self.join(30)
