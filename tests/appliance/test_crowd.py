"""A crowd on the local network that takes all connections locks nobody out of the panel."""

import contextlib
import http.client
import time
import unittest

import package
from crowd import Crowd
from deployment import installed
from machine import PORT

PANEL = "neopro-admin.service"
SOURCES = 250
REQUESTS = 400
FAR_REQUESTS = 50
# A person with a browser: forty requests a second, each on a connection of its own.
EVERY = 0.025
# The way of a byte to a phone at the far end of the hall, and back.
FAR = 0.1
MOST_SECONDS = 0.2
MOST_KIB = 32 << 10


class User:
    """Somebody who asks one thing after the other. `refused` is whatever is not the answer."""

    def __init__(self, address):
        self._address = address
        self.times = []
        self.refused = []

    def ask(self, count, away=0.0):
        """So many requests, each so many seconds after its connection was made."""
        for number in range(count):
            begun = time.monotonic()
            try:
                self._ask(("/", "/api/backups")[number % 2], away)
            except (OSError, http.client.HTTPException) as error:
                self.refused.append(repr(error))
            self.times.append(time.monotonic() - begun - away)
            time.sleep(max(0, begun + EVERY - time.monotonic()))
        self.times.sort()
        return self

    def _ask(self, path, away):
        with contextlib.closing(http.client.HTTPConnection(self._address, PORT, timeout=20)) as connection:
            connection.connect()
            time.sleep(away)
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                self.refused.append(answer.status)

    def longest_of(self, percent):
        """So many of a hundred requests took no longer than this."""
        return self.times[min(len(self.times) * percent // 100, len(self.times) - 1)]

    def __str__(self):
        middle, most, all_ = (self.longest_of(percent) * 1000 for percent in (50, 99, 100))
        return (f"{len(self.times)} requests, p50 {middle:.1f} ms, p99 {most:.1f} ms, longest {all_:.1f} ms, "
                f"{len(self.refused)} refused")


class Locked(unittest.TestCase):
    """A thousand connections from 250 addresses."""

    def test_a_crowd_of_idle_connections_locks_nobody_out(self):
        box = installed(self.enterContext)
        config = "/etc/neopro-backup/config.toml"
        box.edit(config, '[http]\nauth = "open-lan"\n' + box.read(config))
        box.run("systemctl", "restart", PANEL)
        box.run("systemctl", "start", "neopro-backup.service")
        package.answers(box)
        alone = User(box.address).ask(REQUESTS)
        print(f"\nalone:     {alone}")
        with Crowd(box.address, PORT, box.network.crowd(SOURCES)) as crowd:
            crowded = User(box.address).ask(REQUESTS)
            far = User(box.address).ask(FAR_REQUESTS, FAR)
        most_kib = peak_kib(box)
        print(f"crowd:     {crowded}\nfar away:  {far}\nmemory:    {most_kib / 1024:.1f} MiB at most")
        print(f"turned away {crowd.told['ended'] / crowd.told['seconds']:.0f} a second: {crowd.told}")
        self.assertGreater(crowd.told["ended"], REQUESTS, "the table was full all the while")
        self.assertEqual((alone.refused, crowded.refused, far.refused), ([], [], []))
        self.assertLess(crowded.longest_of(99), MOST_SECONDS)
        self.assertLess(most_kib, MOST_KIB)
        self.assertEqual(box.show(PANEL, "NRestarts"), "0")


def peak_kib(box):
    """The most memory that the panel's process had at any time."""
    status = box.read(f"/proc/{box.show(PANEL, 'MainPID')}/status")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
