"""The daemon of a club: `serve` on a free port of 127.0.0.1, its resources, and its end by its own id.

    with Daemon(club) as daemon:         # ended at the end of the block, killed where it does not end
        daemon.address, daemon.port
        daemon.get("/api/status")        # the answer's JSON
        daemon.resources()               # descriptors, threads and KiB of memory of this moment
"""

import http.client
import json
import os
import resource
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from club import PATIENCE

PASSWORD = "mercredi-gymnase-42"


def claim(club):
    """Sets the club's password, as an installer does."""
    subprocess.run(
        club.arguments("passwd"), env=club.environment(), input=PASSWORD.encode(), capture_output=True,
        timeout=PATIENCE, check=True,
    )


def token(club, name, scope):
    """A new token of this scope."""
    return club.done("token", "add", name, "--scope", scope, "--json").json()["token"]


@dataclass
class Resources:
    """What a process holds."""

    descriptors: int
    threads: int
    memory_kib: int


class Daemon:
    """`descriptors` is its limit of open files, where there is to be one."""

    def __init__(self, club, descriptors=None):
        self.club = club
        # A file and no pipe: nobody has to read along, and a full pipe never holds the daemon up.
        self.log_file = club.runtime / "daemon.log"

        def limit():
            if descriptors:
                resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

        with open(self.log_file, "wb") as log:
            self.process = subprocess.Popen(
                club.arguments("serve", "--listen", "127.0.0.1:0"), env=club.environment(),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=limit if descriptors else None,
            )
        self.address, self.port = self._served()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def _served(self):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for line in self.log().splitlines():
                if "panel served address=" in line:
                    host, port = line.rsplit("address=", 1)[1].split()[0].rsplit(":", 1)
                    return host, int(port)
            if self.process.poll() is not None:
                break
            time.sleep(0.002)
        self.process.kill()
        self.process.wait()
        raise AssertionError(f"the daemon did not serve: {self.log()}")

    def ask(self, path):
        """An answer's status code, and its JSON."""
        connection = http.client.HTTPConnection(self.address, self.port, timeout=PATIENCE)
        connection.request("GET", path, headers={"Accept-Language": "en"})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, json.loads(body)

    def get(self, path):
        """The JSON of an answer, which must be 200."""
        code, told = self.ask(path)
        assert code == 200, f"{path}: {code} {told}"
        return told

    def log(self):
        """What it has said so far."""
        return self.log_file.read_text(errors="replace")

    def lives(self):
        """Whether the very process that was started is still there."""
        return self.process.poll() is None

    def resources(self):
        """What it holds at this moment."""
        place = Path("/proc", str(self.process.pid))
        lines = dict(line.split(":", 1) for line in (place / "status").read_text().splitlines())
        memory = int(lines["VmRSS"].split()[0])
        return Resources(len(os.listdir(place / "fd")), int(lines["Threads"]), memory)

    def end(self):
        """Ends it as systemd does; its exit status."""
        if self.lives():
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
