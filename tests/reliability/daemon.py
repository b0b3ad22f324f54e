"""The real daemon on a free port of the loopback, asked over HTTP.

    with Daemon(club) as daemon:
        daemon.get("/api/status")        # the answer's JSON
"""

import http.client
import json
import os
import selectors
import subprocess
import time

from club import PATIENCE


class Daemon:
    """`serve` for this club, until it is ended: by its own process, in order."""

    def __init__(self, club, environment=None, before=()):
        self.process = subprocess.Popen(
            [*map(str, before), *club.arguments("serve", "--listen", "127.0.0.1:0")],
            env=environment or club.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )
        self.log = b""
        self.host, self.port = self._served()

    def _served(self):
        """Reads its log until it says where it serves."""
        stderr = self.process.stderr
        selector, ends = selectors.DefaultSelector(), time.monotonic() + PATIENCE
        selector.register(stderr, selectors.EVENT_READ)
        while b"panel served address=" not in self.log or not self.log.endswith(b"\n"):
            assert selector.select(ends - time.monotonic()), f"not served: {self.log}"
            read = os.read(stderr.fileno(), 1 << 16)
            assert read, f"the daemon ended: {self.process.wait()}: {self.log.decode(errors='replace')}"
            self.log += read
        address = self.log.split(b"panel served address=")[1].split()[0].decode()
        host, _, port = address.rpartition(":")
        return host, int(port)

    def get(self, path):
        """The JSON of an answer, which must be 200."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE)
        connection.request("GET", path, headers={"Accept-Language": "en"})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        assert answer.status == 200, f"{path}: {answer.status} {body}"
        return json.loads(body)

    def end(self):
        """As systemd ends it; its exit status."""
        self.process.terminate()
        self.log += self.process.stderr.read()
        return self.process.wait(PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()
