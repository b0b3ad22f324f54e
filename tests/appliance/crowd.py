"""A crowd that takes every connection it can get, asks for nothing, and comes back when it is
sent away: half of it is silent, half says a byte of a request now and then.

    with Crowd(box.address, PORT, sources) as crowd:
        ...
    crowd.told     # what it met: see `Visitors.told`

It is a process of its own, so that whoever measures meanwhile does not wait for it, and a nice
one: it stands for other machines, which take no processor away from the one that is asked.
"""

import json
import os
import select
import socket
import subprocess
import sys
import time

SIZE = 1000
# Before the first of them is at its end, a head has taken half an hour.
REQUEST = b"GET / HTTP/1.1\r\nX-Slow: " + b"a" * 2000
# Each of those who say something says a byte in this many seconds.
EVERY = 1.0
READY_SECONDS = 60


class Crowd:
    """To be used in a `with`: at its begin each of the crowd has come once."""

    def __init__(self, address, port, sources):
        self._argv = [sys.executable, __file__, address, str(port), *sources]
        self.told = None

    def __enter__(self):
        self._process = subprocess.Popen(self._argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self._process.stdout.readline() != "ready\n":
            self._process.kill()
            raise RuntimeError("the crowd did not get together")
        return self

    def __exit__(self, *_):
        try:
            self.told = json.loads(self._process.communicate(timeout=30)[0])
        finally:
            self._process.kill()
            self._process.wait(10)


class Visitor:
    """One of them: one connection after the other from one address."""

    def __init__(self, source, trickles):
        self.source = source
        self.trickles = trickles
        self.met = False
        self.said = 0
        self.socket = None


class Visitors:
    """All of them, on one thread. `told`: connections that the other side ended; refusals among them."""

    def __init__(self, place, sources):
        self._place = place
        self._poll = select.epoll()
        self._there = {}
        self._all = [Visitor(sources[number % len(sources)], number % 2 == 0) for number in range(SIZE)]
        self._trickling = [visitor for visitor in self._all if visitor.trickles]
        self.told = {"ended": 0, "refused": 0}
        for visitor in self._all:
            self._come(visitor)

    def are_there(self):
        """Whether each has come to the door once, let in or not."""
        return all(visitor.met for visitor in self._all)

    def _come(self, visitor):
        visitor.said = 0
        visitor.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        visitor.socket.bind((visitor.source, 0))
        visitor.socket.connect_ex(self._place)
        self._there[visitor.socket.fileno()] = visitor
        self._poll.register(visitor.socket, select.EPOLLIN | select.EPOLLOUT)

    def _come_back(self, visitor):
        del self._there[visitor.socket.fileno()]
        visitor.socket.close()
        self._come(visitor)

    def turn(self, seconds):
        """Does what there is to do; waits for it so long at most."""
        for number, event in self._poll.poll(seconds):
            visitor = self._there[number]
            visitor.met = True
            if event & (select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR):
                self._hear(visitor)
            elif event & select.EPOLLOUT:
                self._poll.modify(number, select.EPOLLIN)
                self._say(visitor)

    def _hear(self, visitor):
        try:
            heard = visitor.socket.recv(4096)
        except OSError:
            heard = b""
        self.told["refused"] += heard.startswith(b"HTTP/1.1 429")
        self.told["ended"] += 1
        self._come_back(visitor)

    def _say(self, visitor):
        if visitor.trickles:
            try:
                visitor.socket.send(REQUEST[visitor.said : visitor.said + 1])
                visitor.said += 1
            except OSError:
                pass  # not let in yet, or ended: the poll tells

    def trickle(self, first, last):
        """These parts of all who say something say a byte."""
        count = len(self._trickling)
        for visitor in self._trickling[int(first * count) : int(last * count)]:
            self._say(visitor)


def main(address, port, *sources):
    """Goes on until the input ends."""
    os.nice(10)
    visitors = Visitors((address, int(port)), sources)
    end = time.monotonic() + READY_SECONDS
    while not visitors.are_there():
        if time.monotonic() > end:
            sys.exit("some did not come to the door")
        visitors.turn(0.1)
    print("ready", flush=True)
    visitors.told.update(dict.fromkeys(visitors.told, 0))
    begun = said_to = time.monotonic()
    while not select.select([sys.stdin], [], [], 0)[0]:
        visitors.turn(0.02)
        now = time.monotonic()
        first, last = ((moment - begun) / EVERY % 1 for moment in (said_to, now))
        if last >= first:
            visitors.trickle(first, last)
        said_to = now
    print(json.dumps(visitors.told | {"seconds": time.monotonic() - begun}))


if __name__ == "__main__":
    main(*sys.argv[1:])
