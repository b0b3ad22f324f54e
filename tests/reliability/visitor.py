"""A real person at the panel while it is attacked: a process of its own, with an address of its own.

    visitor = Visitor(daemon, token, archive)    # in a process, so that an attack takes none of its time
    visitor.begins()
    ...
    visits = visitor.ends()                      # how long each thing took, and what was not answered

In turn he opens the page, asks for the status and the list, downloads a part of an archive, each on a
connection of its own, and pins and unpins another archive, of which his stream of events must tell him. That
stream is one connection, from beginning to end.
"""

import json
import multiprocessing
import os
import select
import signal
import socket
import ssl
import statistics
import time
from dataclasses import dataclass, field

ADDRESS = "127.0.0.9"
# A person has gone by then.
PATIENCE = 30
PART = (1_000, 200_999)


@dataclass
class Visits:
    """Seconds that each kind of thing took, and the failures in words."""

    took: dict = field(default_factory=dict)
    failures: list = field(default_factory=list)

    def all(self):
        return [seconds for kind in self.took.values() for seconds in kind]

    def median(self):
        return statistics.median(self.all())

    def worst(self):
        """The longest, and of what."""
        return max((max(all_of_kind), kind) for kind, all_of_kind in self.took.items())


class Visitor:
    """`content` is what the archive of that name holds; the other one is pinned and unpinned."""

    def __init__(self, daemon, token, name, content, other, tls=None):
        self.here, there = multiprocessing.Pipe()
        person = Person(daemon.address, daemon.port, token, name, content, other, tls)
        self.process = multiprocessing.get_context("fork").Process(target=person.lives, args=(there,))
        self.process.start()
        there.close()
        self._told("ready")

    def begins(self):
        """Figures count from here."""
        self.here.send("begin")
        self._told("begun")

    def ends(self):
        """What he saw since."""
        self.here.send("end")
        return self._told()

    def leaves(self):
        """The process ends."""
        self.here.send("leave")
        self.process.join(PATIENCE)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()

    def _told(self, expected=None):
        if not self.here.poll(4 * PATIENCE):
            raise AssertionError("the visitor hangs")
        said = self.here.recv()
        if isinstance(said, str) and said != expected:
            raise AssertionError(f"the visitor: {said}")
        return said


class Person:
    """What the process does."""

    def __init__(self, address, port, token, name, content, other, tls):
        self.address, self.port, self.tls = address, port, tls
        self.shown = f"Authorization: Bearer {token}\r\n" if token else ""
        self.name, self.content, self.other = name, content, other
        self.pinned, self.visits = False, Visits()

    def lives(self, there):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            self.stream = Stream(self._connect(), self._head("GET", "/api/events"))
            there.send("ready")
            while (said := there.recv()) != "leave":
                assert said == "begin", said
                self.visits = Visits()
                there.send("begun")
                while not there.poll(0.01):
                    self._round()
                assert there.recv() == "end"
                # What happens between two attacks is the business of neither.
                there.send(self.visits)
        except (EOFError, BrokenPipeError):
            pass
        except Exception as error:  # The other process reports it, whatever it is.
            there.send(f"{type(error).__name__}: {error}")
        os._exit(0)

    def _round(self):
        self._timed("page", self._page)
        self._timed("status", lambda: self._json("/api/status", "sentence"))
        self._timed("list", lambda: self._json("/api/backups", "backups"))
        self._timed("download", self._part)
        self._timed("event", self._event)

    def _timed(self, kind, do):
        begun = time.monotonic()
        try:
            do()
            self.visits.took.setdefault(kind, []).append(time.monotonic() - begun)
        except (OSError, AssertionError, ValueError) as error:
            self.visits.failures.append(f"{kind}: {type(error).__name__}: {error}")
            if kind == "event":
                self.stream = None

    def _connect(self):
        plain = socket.create_connection((self.address, self.port), PATIENCE, (ADDRESS, 0))
        return self.tls.wrap_socket(plain, server_hostname="localhost") if self.tls else plain

    def _head(self, method, path, more=""):
        return f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{self.shown}{more}\r\n".encode()

    def _answer(self, method, path, more=""):
        with self._connect() as connection:
            connection.sendall(self._head(method, path, "Connection: close\r\n" + more))
            return read_answer(connection)

    def _page(self):
        status, _, body = self._answer("GET", "/")
        assert status == 200 and body.rstrip().endswith(b"</html>"), (status, body[-200:])

    def _json(self, path, key):
        status, _, body = self._answer("GET", path)
        assert status == 200 and key in json.loads(body), (status, body[:200])

    def _part(self):
        first, last = PART
        path = f"/api/backups/download/{self.name}"
        status, _, body = self._answer("GET", path, f"Range: bytes={first}-{last}\r\n")
        assert status == 206 and body == self.content[first:last + 1], (status, len(body), body[:200])

    def _event(self):
        # It is opened once, unless it was lost, which is a failure already.
        self.stream = self.stream or Stream(self._connect(), self._head("GET", "/api/events"))
        self.pinned = not self.pinned
        status, _, body = self._answer("PUT" if self.pinned else "DELETE", f"/api/backups/{self.other}/pin")
        assert status == 200, (status, body[:200])
        self.stream.hears("archives")


class Stream:
    """A live stream of events."""

    def __init__(self, connection, head):
        self.connection, self.heard = connection, b""
        connection.sendall(head)
        status, _, self.heard = read_head(connection)
        assert status == 200, (status, self.heard)

    def hears(self, event):
        """Waits for an event of this name; those before it are heard with it."""
        sought = f"event: {event}\n".encode()
        deadline = time.monotonic() + PATIENCE
        while sought not in self.heard:
            if not self._pending():
                left = deadline - time.monotonic()
                if left <= 0 or not select.select([self.connection], [], [], left)[0]:
                    raise AssertionError(f"no event {event}")
            more = self.connection.recv(65536)
            assert more, "the stream has ended"
            self.heard += more
        self.heard = self.heard.rsplit(sought, 1)[1]

    def _pending(self):
        return isinstance(self.connection, ssl.SSLSocket) and self.connection.pending()


def read_head(connection):
    """Status, headers, and what came of the body with them."""
    read = b""
    while b"\r\n\r\n" not in read:
        more = connection.recv(65536)
        assert more, f"the connection has ended: {read[:200]}"
        read += more
    head, rest = read.split(b"\r\n\r\n", 1)
    lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
    return int(lines[0].split()[1]), headers, rest


def read_answer(connection):
    """Status, headers and the whole body of an answer after which the connection ends."""
    status, headers, body = read_head(connection)
    parts = [body]
    while more := connection.recv(65536):
        parts.append(more)
    body = b"".join(parts)
    length = headers.get("content-length")
    assert length is None or int(length) == len(body), f"{len(body)} bytes of {length}"
    return status, headers, body
