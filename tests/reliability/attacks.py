"""The attacks, each bounded in count and time. Each says in figures what came of it, and in violations what
must not be so; that the real visitor is answered meanwhile is measured by whoever starts it.

An attack is a function of a Scene; `ALL` has them with the settings that each is for.
"""

import asyncio
import collections
import re
import time
from dataclasses import dataclass, field

import shapes
from attackers import Attackers, request

STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
LARGE = b"x" * (64 << 10)
# Seconds after which what ought to have ended has not.
WORST = 5.0


@dataclass
class Scene:
    """What an attack is given: the daemon, how much of everything, and what it may show."""

    daemon: object
    scale: int
    seconds: float
    tls: object = None
    archive: str = ""
    token: str = ""
    figures: dict = field(default_factory=dict)
    violations: list = field(default_factory=list)

    def attackers(self):
        return Attackers(self.daemon, self.tls)

    def counted(self, name, outcomes):
        """How often each outcome was, as one figure."""
        counts = sorted(collections.Counter(outcomes).items())
        self.figures[name] = ", ".join(f"{count} {what}" for what, count in counts)

    def must(self, holds, what):
        if not holds:
            self.violations.append(what)


def statuses(answer):
    """The statuses of all answers in what was read."""
    return [int(status) for status in STATUS.findall(answer)]


def outcome(answer):
    """One word for what was read."""
    found = statuses(answer)
    return str(found[0]) if found else "closed"


def last(path, *headers):
    """A request after whose answer the connection ends."""
    return request("GET", path, "Connection: close", *headers)


async def together(count, do):
    """All of them at once; what each answered."""
    return await asyncio.gather(*(do(number) for number in range(count)))


async def trickle(scene, number, head, rest):
    """Bytes one by one until time is up, on ever new connections where one is let go; how many it took."""
    deadline, used = time.monotonic() + scene.seconds, 0
    async with scene.attackers() as attackers:
        while time.monotonic() < deadline:
            connection = await attackers.connect(1 + number % 16)
            used += 1
            if connection is None or not await connection.send(head):
                await asyncio.sleep(0.05)
                continue
            for byte in rest:
                await asyncio.sleep(0.1)
                if time.monotonic() > deadline or not await connection.send(bytes([byte])):
                    break
                if connection.reader.at_eof():
                    break
    return used


async def slow_heads(scene):
    """Slowloris: heads that come byte by byte and never end."""
    rest = b"T / HTTP/1.1\r\nHost: localhost\r\n" + b"X-More: 1\r\n" * 200
    used = await together(200 * scene.scale, lambda number: trickle(scene, number, b"GE", rest))
    scene.figures["connections"] = sum(used)


async def slow_bodies(scene):
    """The same with a body, of a request that anybody may send."""
    head = request("POST", "/api/access/session", "Content-Type: application/json", "Content-Length: 10000")
    used = await together(200 * scene.scale, lambda number: trickle(scene, number, head, b"{" + b" " * 9_000))
    scene.figures["connections"] = sum(used)


async def pipelines(scene):
    """Hundreds of requests in one go: as many answers, in order; of half a request none."""
    length = 300
    # Each third is no page, so that answers in another order would be seen.
    paths = ["/api/nothing" if number % 3 == 2 else "/api/health" for number in range(length)]
    expected = [404 if path == "/api/nothing" else 200 for path in paths]

    async def one(number):
        async with scene.attackers() as attackers:
            connection = await attackers.connect(1 + number % 16, patience=30)
            half = number % 2
            whole = b"".join(request("GET", path) for path in paths[:-1])
            last = request("GET", paths[-1], "Connection: close")
            await connection.send(whole + (last[:20] if half else last), patience=30)
            if half:
                connection.half_close()
            answer = await connection.read(patience=30)
            scene.must(statuses(answer)[:length - half] == expected[:length - half] and len(statuses(answer)) <= length,
                       f"{length - half} requests at once: {collections.Counter(statuses(answer))}")
            return len(statuses(answer))

    # No more than the places that are there: who is let go has no answers to count.
    for _ in range(scene.scale):
        answers = await together(16, one)
        scene.figures["answers"] = scene.figures.get("answers", 0) + sum(answers)


async def large_heads(scene):
    """Too many headers, too large ones, and addresses as long as a book."""
    floods = {
        "20,000 headers": last("/", *(f"X-{number}: 1" for number in range(20_000))),
        "101 headers": last("/", *(f"X-{number}: 1" for number in range(101))),
        "one of 1 MiB": last("/", "X-Large: " + "x" * (1 << 20)),
        "one of 20 KiB": last("/", "X-Large: " + "x" * (20 << 10)),
        "a cookie of 1 MiB": last("/api/status", "Cookie: neopro_session=" + "0" * (1 << 20)),
        "a name of 1 MiB": last("/", "X" * (1 << 20) + ": 1"),
        "an address of 60 KiB": last("/api/backups/" + "a" * (60 << 10)),
        "an address of 1 MiB": last("/" + "a" * (1 << 20)),
        "an address of 16 MiB": last("/?" + "a" * (16 << 20)),
        "a query of 60 KiB": last("/api/backups?q=" + "%41" * (20 << 10)),
        "a method of 1 MiB": b"G" * (1 << 20) + b" / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    }
    outcomes = []

    async def one(name, flood, number):
        async with scene.attackers() as attackers:
            connection = await attackers.connect(1 + number % 16)
            if connection is None:
                return
            # Who is refused before the end may lose the answer to a reset; who is answered hears no.
            sending = asyncio.ensure_future(connection.send(flood))
            answer = await connection.read()
            await sending
            outcomes.append(outcome(answer))
            said = statuses(answer)
            scene.must(len(said) <= 1 and all(400 <= status < 500 for status in said), f"{name}: {said}")

    for turn in range(4 * scene.scale):
        await asyncio.gather(*(one(name, flood, turn + number) for number, (name, flood) in enumerate(floods.items())))
    scene.counted("answers", outcomes)


async def malformed(scene):
    """What is no HTTP, what is two things at once, and what hides a second request: `shapes.py` has them."""
    outcomes = []

    async def one(number, shape):
        async with scene.attackers() as attackers:
            connection = await attackers.connect(1 + number % 16)
            if connection is None or not await connection.send(shape.sent):
                outcomes.append("closed")
                return
            # The end of the sending side: what still waits for more sees that nothing comes.
            if not scene.tls:
                connection.half_close()
            said = statuses(await connection.read(patience=12))
            outcomes.append(str(said[0]) if said else "closed")
            scene.must(shape.allows(said), f"{shape.name}: {said}")

    for _ in range(scene.scale):
        await asyncio.gather(*(one(number, shape) for number, shape in enumerate(shapes.ALL)))
    scene.figures["shapes"] = len(shapes.ALL)
    scene.counted("answers", outcomes)


async def resets(scene):
    """Downloads and uploads that are reset in the middle; nothing of them stays."""
    shown = [f"Authorization: Bearer {scene.token}"] if scene.token else []
    download = request("GET", f"/api/backups/download/{scene.archive}", *shown)
    headers = ("Content-Length: 50000000", "Content-Type: application/gzip", *shown)
    upload = request("POST", "/api/backups/import", *headers)
    before = sorted(path.name for path in scene.daemon.club.backups.rglob("*"))

    async def one(number):
        async with scene.attackers() as attackers:
            connection = await attackers.connect(1 + number % 16)
            if connection is None:
                return "refused"
            if number % 2:
                await connection.send(upload + LARGE)
                await connection.send(LARGE)
            else:
                await connection.send(download)
                try:
                    async with asyncio.timeout(5):
                        await connection.reader.read(1 << 14)
                except (OSError, TimeoutError):
                    pass
            connection.reset()
            return "reset"

    outcomes = []
    for _ in range(5 * scene.scale):
        outcomes += await together(60, one)
    scene.counted("connections", outcomes)

    def stays():
        return sorted(path.name for path in scene.daemon.club.backups.rglob("*"))

    deadline = time.monotonic() + 10
    while stays() != before and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
    scene.must(stays() == before, f"uploads left something: {set(stays()) ^ set(before)}")


async def crowd(scene):
    """A thousand connections at once, half of which say nothing; whoever asks is answered or told to wait."""
    outcomes = []

    async def one(number):
        async with scene.attackers() as attackers:
            connection = await attackers.connect(1 + number % 200)
            if connection is None:
                return "refused"
            if number % 2:
                await asyncio.sleep(scene.seconds / 2)
                return "silent"
            await connection.send(request("GET", "/api/health", "Connection: close"))
            return outcome(await connection.read())

    for _ in range(scene.scale):
        outcomes += await together(1_000, one)
    scene.counted("connections", outcomes)
    scene.must(outcomes.count("200") > 0, "nobody of the crowd was answered")
    scene.must(set(outcomes) <= {"200", "429", "closed", "silent", "refused"}, f"the crowd: {set(outcomes)}")


async def half_closed(scene):
    """Who closes his sending side has gone, asked or not: he is answered or let go, and keeps no place. (No browser
    closes a side of its own; and a stream or a job whose listener has gone must be seen to have none.)"""
    async def one(number):
        async with scene.attackers() as attackers:
            connection = await attackers.connect(1 + number % 16)
            asked = number % 2
            await connection.send(request("GET", "/api/health") if asked else b"GET /api/health HTT")
            connection.half_close()
            begun = time.monotonic()
            said = statuses(await connection.read())
            scene.must(time.monotonic() - begun < WORST, "a half-closed connection stays")
            scene.must(said in ([], [200]) if asked else said in ([], [400]), f"half-closed: {said}")
            return str(said[0]) if said else "closed"

    outcomes = []
    for _ in range(10 * scene.scale):
        outcomes += await together(40, one)
    scene.counted("connections", outcomes)


async def never_reading(scene):
    """Answers that are asked for and never taken: as many as the kernel does not take either, from few
    addresses, which fill all places."""
    # A large file, a page that is made for each who asks, and one that is packed as well.
    kinds = [request("GET", "/api/openapi.json"), request("GET", "/"), request("GET", "/", "Accept-Encoding: gzip")]

    async def one(number):
        deadline, used = time.monotonic() + 2 * scene.seconds, 0
        async with scene.attackers() as attackers:
            while time.monotonic() < deadline:
                connection = await attackers.connect(1 + number // 32, buffer=4096)
                used += 1
                if connection is None:
                    await asyncio.sleep(0.1)
                    continue
                connection.stop_reading()
                await connection.send(kinds[number % 3] * 60, patience=2)
                while time.monotonic() < deadline and not connection.writer.is_closing():
                    await asyncio.sleep(0.2)
                    # A side that has gone answers the next byte with a reset.
                    connection.writer.write(b"G")
        return used

    scene.figures["connections"] = sum(await together(160 * scene.scale, one))


async def never_taken_downloads(scene):
    """The same with archives."""
    asked = request("GET", f"/api/backups/download/{scene.archive}")

    async def one(number):
        async with scene.attackers() as attackers:
            connection = await attackers.connect(1 + number // 32, buffer=4096)
            if connection is None:
                return "refused"
            await connection.send(asked)
            connection.stop_reading()
            await asyncio.sleep(2 * scene.seconds)
            return "held"

    scene.counted("connections", await together(160 * scene.scale, one))


async def streams(scene):
    """Event streams by the hundred, from many addresses."""
    async def one(number):
        async with scene.attackers() as attackers:
            connection = await attackers.connect(1 + number % 100)
            if connection is None:
                return "refused"
            await connection.send(request("GET", "/api/events"))
            try:
                async with asyncio.timeout(5):
                    answer = await connection.reader.read(1 << 14)
            except (OSError, TimeoutError):
                answer = b""
            await asyncio.sleep(scene.seconds)
            return outcome(answer)

    outcomes = await together(400 * scene.scale, one)
    scene.counted("streams", outcomes)
    scene.must(set(outcomes) <= {"200", "401", "429", "closed", "refused"}, f"streams: {set(outcomes)}")


async def handshakes(scene):
    """Handshakes that do not end: a silent one, a half one, none at all, and many whole ones at once."""
    hello = bytes.fromhex("16030100f8010000f40303") + bytes(range(32)) + b"\x20" + bytes(32)
    openings = {
        "silent": b"", "half": hello[:40], "not one": b"\x16\x03\x01\xff\xff" + b"x" * 300,
        "plain": request("GET", "/"),
    }

    async def odd(number):
        name = list(openings)[number % len(openings)]
        async with scene.attackers() as attackers:
            connection = await attackers.connect(1 + number % 16, plain=True)
            if connection is None:
                return f"{name}: refused"
            await connection.send(openings[name])
            return f"{name}: {outcome(await connection.read(patience=scene.seconds))}"

    async def whole(number):
        async with scene.attackers() as attackers:
            connection = await attackers.connect(1 + number % 16)
            if connection is None:
                return "whole: refused"
            await connection.send(request("GET", "/api/health", "Connection: close"))
            return f"whole: {outcome(await connection.read())}"

    outcomes = []
    for _ in range(scene.scale):
        odd_ones, whole_ones = await asyncio.gather(together(80, odd), together(60, whole))
        outcomes += odd_ones + whole_ones
    scene.counted("connections", outcomes)
    scene.must(not any(said.startswith("plain: 200") for said in outcomes), "plain http was answered")


async def no_descriptors(scene):
    """Connections and downloads that together would take more descriptors than there are: some must be left for
    the program, or nobody's list could be read."""
    asked = request("GET", f"/api/backups/download/{scene.archive}")

    async def one(number):
        async with scene.attackers() as attackers:
            connection = await attackers.connect(1 + number % 8, buffer=4096)
            if connection is None:
                return "refused"
            if number % 2:
                await connection.send(asked)
                connection.stop_reading()
            await asyncio.sleep(scene.seconds)
            return "held"

    scene.counted("connections", await together(120 * scene.scale, one))
    scene.must("too few descriptors" in scene.daemon.log(), "the daemon does not know that it has few descriptors")
    scene.must("no new connections for a moment" not in scene.daemon.log(), "descriptors were exhausted")
