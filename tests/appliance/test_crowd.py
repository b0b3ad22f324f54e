"""A crowd on the local network that takes all connections locks nobody out of the panel."""

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
# A person with a browser: forty requests a second, each on a connection of its own.
EVERY = 0.025
MOST_SECONDS = 0.2
MOST_KIB = 32 << 10


class User:
    """Somebody who asks one thing after the other. `refused` is whatever is not the answer."""

    def __init__(self, box):
        self.box = box
        self.times = []
        self.refused = []

    def ask(self, count):
        for number in range(count):
            begun = time.monotonic()
            try:
                answer = self.box.http("GET", ("/", "/api/backups")[number % 2], timeout=20)
                if answer.status != 200:
                    self.refused.append(answer.status)
            except (OSError, http.client.HTTPException) as error:
                self.refused.append(repr(error))
            self.times.append(time.monotonic() - begun)
            time.sleep(max(0, begun + EVERY - time.monotonic()))
        self.times.sort()

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
        alone, crowded = User(box), User(box)
        alone.ask(REQUESTS)
        print(f"\nalone: {alone}")
        with Crowd(box.address, PORT, box.network.crowd(SOURCES)) as crowd:
            crowded.ask(REQUESTS)
        most_kib = peak_kib(box)
        turned_away = crowd.told["ended"] / crowd.told["seconds"]
        print(f"crowd: {crowded}, {most_kib / 1024:.1f} MiB at most")
        print(f"turned away {turned_away:.0f} a second, in words {crowd.told['refused']} in all")
        self.assertGreater(crowd.told["ended"], REQUESTS, "the table was full all the while")
        self.assertEqual(alone.refused, [])
        self.assertEqual(crowded.refused, [])
        self.assertLess(crowded.longest_of(99), MOST_SECONDS)
        self.assertLess(most_kib, MOST_KIB)
        self.assertEqual(box.show(PANEL, "NRestarts"), "0")


def peak_kib(box):
    """The most memory that the panel's process had at any time."""
    status = box.read(f"/proc/{box.show(PANEL, 'MainPID')}/status")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
