"""Connections of attackers: from whichever loopback address, in clear or encrypted, bounded in time.

    async with Attackers(daemon, tls) as attackers:
        connection = await attackers.connect(3)          # from 127.0.1.3; None where it was not let in
        await connection.send(b"GET / HT")               # False where the other side has gone
        await connection.read()                          # what comes until the end, at most so long
"""

import asyncio
import socket
import struct

NET = "127.0.1"


def request(method, path, *headers, body=b""):
    """A whole request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


class Attackers:
    """All connections that it opens are closed at the end of the block."""

    def __init__(self, daemon, tls=None):
        self.where, self.tls, self.open = (daemon.address, daemon.port), tls, []

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        for connection in self.open:
            connection.reset()
        # The loop closes them in its next turn.
        await asyncio.sleep(0)

    async def connect(self, number, patience=10, plain=False, buffer=None):
        """From the address of that number; `buffer` bytes are all that its kernel takes for it."""
        self._put_away()
        raw = socket.socket()
        raw.setblocking(False)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if buffer:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        raw.bind((f"{NET}.{number}", 0))
        tls = None if plain else self.tls
        try:
            async with asyncio.timeout(patience):
                await asyncio.get_running_loop().sock_connect(raw, self.where)
                name = "localhost" if tls else None
                streams = await asyncio.open_connection(sock=raw, ssl=tls, server_hostname=name, limit=1 << 16)
        except (OSError, TimeoutError):
            raw.close()
            return None
        connection = Connection(*streams, raw)
        self.open.append(connection)
        return connection


    def _put_away(self):
        """Those that the other side has ended: thousands of them are more than one process may have."""
        for connection in [one for one in self.open if one.has_ended()]:
            connection.reset()
            self.open.remove(connection)


class Connection:
    """One of them."""

    def __init__(self, reader, writer, raw):
        self.reader, self.writer, self.raw = reader, writer, raw

    async def send(self, data, patience=10):
        """Whether the bytes went out."""
        try:
            async with asyncio.timeout(patience):
                self.writer.write(data)
                await self.writer.drain()
            return not self.writer.is_closing()
        except (OSError, TimeoutError):
            return False

    async def read(self, patience=10, most=1 << 24):
        """What comes until the other side ends, or for so long."""
        parts, count = [], 0
        try:
            async with asyncio.timeout(patience):
                while count < most and (part := await self.reader.read(1 << 16)):
                    parts.append(part)
                    count += len(part)
        except (OSError, TimeoutError):
            pass
        return b"".join(parts)

    def stop_reading(self):
        """Takes nothing any more, and stays."""
        self.writer.transport.pause_reading()

    def half_close(self):
        """Says that nothing more will come, where the other side has not gone already."""
        try:
            self.raw.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def has_ended(self):
        return self.writer.is_closing() or self.reader.at_eof()

    def reset(self):
        """Ends it at once, without a word: a reset and not a close."""
        try:
            self.raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass  # It is closed already.
        self.writer.transport.abort()
