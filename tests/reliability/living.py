"""A daemon that lives: started, asked, weighed and ended, always by its own process id.

    daemon = Daemon(club, environment)
    daemon.get("/api/status")            # an answer: status, headers, body
    daemon.weight()                      # what it takes of the machine
    daemon.end()
"""

import http.client
import json
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from club import PATIENCE


def comes(look, patience):
    """Looks until there is something, and no longer than `patience`; what there is, or None."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        seen = look()
        if seen:
            return seen
        time.sleep(0.005)  # between two looks
    return None


def until(what, look, patience=PATIENCE):
    """The same of what must come."""
    seen = comes(look, patience)
    assert seen, f"waited {patience} s for {what}"
    return seen


@dataclass
class Answer:
    """What was answered."""

    status: int
    headers: dict
    body: bytes

    def json(self):
        return json.loads(self.body)


@dataclass
class Weight:
    """What a process takes of the machine."""

    pss: int  # KiB: its share of the memory
    anonymous: int  # KiB: what it has allocated
    descriptors: int
    threads: int


class Daemon:
    """`serve` on a free port of the loopback; the log is a file in the club's folder."""

    def __init__(self, club, environment):
        self.log = club.folder / "daemon.log"
        with self.log.open("ab") as log:
            begun = log.tell()
            self.process = subprocess.Popen(
                club.arguments("serve"), env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log
            )
        self.address = until("the daemon", lambda: self.served(begun))

    def served(self, begun):
        with self.log.open("rb") as log:
            log.seek(begun)
            _, found, rest = log.read().partition(b"panel served address=")
        assert self.process.poll() is None, "the daemon has ended"
        return rest.split(b"\n")[0].strip().decode() if found and b"\n" in rest else None

    def connect(self):
        host, port = self.address.rsplit(":", 1)
        return http.client.HTTPConnection(host, int(port), timeout=PATIENCE)

    def ask(self, method, path, body=None, headers=None, connection=None):
        """One answer, over a connection of its own where none is given."""
        own = connection or self.connect()
        try:
            kind = {"Content-Type": "application/json"} if body is not None else {}
            own.request(method, path, body, {**kind, **(headers or {})})
            answer = own.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            if connection is None:
                own.close()

    def get(self, path, **options):
        return self.ask("GET", path, **options)

    def stream(self, path):
        """A stream of events that is open: the connection, and the answer as far as its head."""
        connection = self.connect()
        connection.request("GET", path, headers={"Accept": "text/event-stream"})
        return connection, connection.getresponse()

    def place(self, *parts):
        return Path("/proc", str(self.process.pid), *parts)

    def children(self):
        """Its jobs, by their process ids; every thread of it may have started one."""
        found = []
        for thread in self.place("task").iterdir():
            try:
                found += [int(child) for child in (thread / "children").read_text().split()]
            except OSError:
                continue  # that thread has ended
        return found

    def descriptors(self):
        return len(list(self.place("fd").iterdir()))

    def weight(self):
        rollup = dict(
            (line.split(":")[0], int(line.split()[1])) for line in self.place("smaps_rollup").read_text().splitlines()[1:]
        )
        return Weight(rollup["Pss"], rollup["Anonymous"], self.descriptors(), len(list(self.place("task").iterdir())))

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)
