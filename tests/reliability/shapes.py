"""Requests that are malformed, or that two programs might read in two ways (request smuggling)."""

from dataclasses import dataclass

HOST = b"Host: localhost\r\n"
# What a smuggler hides: it is answered only where it is read as a request of its own.
HIDDEN = b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
REFUSED = frozenset({400, 408, 413, 414, 421, 431, 501, 505})


@dataclass
class Shape:
    """`refused`: no answer below 400. `once`: at most one answer; a second would be the hidden request's."""

    name: str
    sent: bytes
    refused: bool = True
    once: bool = True

    def allows(self, statuses):
        if self.once and len(statuses) > 1:
            return False
        return not self.refused or all(status in REFUSED for status in statuses)


def posted(*headers, body=b""):
    """A POST with these headers, and what follows them."""
    lines = b"".join(header + b"\r\n" for header in headers)
    return b"POST /api/access/session HTTP/1.1\r\n" + HOST + lines + b"\r\n" + body


CHUNKED = b"Transfer-Encoding: chunked"

ALL = [
    # Two lengths.
    Shape("length and chunks", posted(b"Content-Length: 5", CHUNKED, body=b"0\r\n\r\n" + HIDDEN), refused=False),
    Shape("chunks and length", posted(CHUNKED, b"Content-Length: 5", body=b"0\r\n\r\n" + HIDDEN), refused=False),
    Shape("two different lengths", posted(b"Content-Length: 5", b"Content-Length: 0", body=b"12345" + HIDDEN)),
    Shape("two lengths in one", posted(b"Content-Length: 5, 0", body=b"12345" + HIDDEN)),
    Shape("a length with a sign", posted(b"Content-Length: +5", body=b"12345" + HIDDEN)),
    Shape("a negative length", posted(b"Content-Length: -5", body=b"12345" + HIDDEN)),
    Shape("a length in hex", posted(b"Content-Length: 0x5", body=b"12345" + HIDDEN)),
    Shape("a length in words", posted(b"Content-Length: five", body=b"12345" + HIDDEN)),
    Shape("an empty length", posted(b"Content-Length: ", body=HIDDEN)),
    Shape("a length beyond 64 bits", posted(b"Content-Length: 18446744073709551621", body=b"12345" + HIDDEN)),
    # Codings of the transfer.
    Shape("an unknown coding", posted(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n" + HIDDEN)),
    Shape("chunks that are not last", posted(b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n" + HIDDEN)),
    Shape("chunks behind a tab", posted(b"Transfer-Encoding:\tchunked", body=b"0\r\n\r\n" + HIDDEN),
          refused=False, once=False),
    Shape("a space before the colon", posted(b"Transfer-Encoding : chunked", body=b"0\r\n\r\n" + HIDDEN)),
    Shape("a folded coding", posted(b"Transfer-Encoding:\r\n chunked", body=b"0\r\n\r\n" + HIDDEN)),
    Shape("a coding after a vertical tab", posted(b"Transfer-Encoding: \x0bchunked", body=b"0\r\n\r\n" + HIDDEN)),
    Shape("chunks in HTTP/1.0", posted(CHUNKED, body=b"0\r\n\r\n" + HIDDEN).replace(b"HTTP/1.1", b"HTTP/1.0", 1)),
    # Chunks.
    Shape("a chunk of negative size", posted(CHUNKED, body=b"-1\r\n\r\n0\r\n\r\n" + HIDDEN)),
    Shape("a chunk of too large a size", posted(CHUNKED, body=b"FFFFFFFFFFFFFFFFF\r\n")),
    Shape("a chunk in 0x", posted(CHUNKED, body=b"0x5\r\n12345\r\n0\r\n\r\n" + HIDDEN)),
    Shape("a chunk that is longer than it says", posted(CHUNKED, body=b"1\r\n12345\r\n0\r\n\r\n" + HIDDEN)),
    Shape("a chunk with an endless extension", posted(CHUNKED, body=b"1;" + b"x" * 200_000)),
    Shape("endless trailers", posted(CHUNKED, body=b"0\r\n" + b"X-T: 1\r\n" * 30_000)),
    Shape("a chunk that ends in a bare line feed", posted(CHUNKED, body=b"1\n{\n0\n\n" + HIDDEN)),
    # Lines and names.
    Shape("no host", b"GET /api/health HTTP/1.1\r\n\r\n"),
    Shape("two hosts", b"GET /api/health HTTP/1.1\r\n" + HOST + b"Host: evil.example\r\n\r\n"),
    Shape("two hosts, the foreign one first", b"GET /api/health HTTP/1.1\r\nHost: evil.example\r\n" + HOST + b"\r\n"),
    Shape("a foreign address under an own host", b"GET http://evil.example/api/health HTTP/1.1\r\n" + HOST + b"\r\n"),
    Shape("no number in the host's port", b"GET /api/health HTTP/1.1\r\nHost: localhost:x\r\n\r\n"),
    Shape("a zero byte in a value", b"GET /api/health HTTP/1.1\r\n" + HOST + b"X: a\0b\r\n\r\n"),
    Shape("a bare carriage return", b"GET /api/health HTTP/1.1\r\n" + HOST + b"X: a\rY: b\r\n\r\n"),
    Shape("a header without a colon", b"GET /api/health HTTP/1.1\r\n" + HOST + b"nothing\r\n\r\n"),
    Shape("a header without a name", b"GET /api/health HTTP/1.1\r\n" + HOST + b": x\r\n\r\n"),
    Shape("a folded first header", b"GET /api/health HTTP/1.1\r\n X: 1\r\n" + HOST + b"\r\n"),
    Shape("bytes beyond ASCII in the path", b"GET /\xff\xfe HTTP/1.1\r\n" + HOST + b"\r\n", refused=False),
    Shape("a space in the path", b"GET /api/ health HTTP/1.1\r\n" + HOST + b"\r\n"),
    Shape("HTTP/0.9", b"GET /api/health\r\n"),
    Shape("HTTP/3.7", b"GET /api/health HTTP/3.7\r\n" + HOST + b"\r\n"),
    Shape("the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(27)),
    Shape("a hello of TLS", bytes.fromhex("16030100f8010000f40303") + bytes(240)),
    Shape("zeros", bytes(4096)),
    Shape("line ends alone", b"\r\n" * 2_000),
    Shape("every byte", bytes(range(256)) * 8),
    Shape("a tunnel", b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n" + HIDDEN, once=False),
    Shape("an upgrade", b"GET /api/health HTTP/1.1\r\n" + HOST + b"Connection: Upgrade, HTTP2-Settings\r\n"
          b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n", refused=False),
    Shape("a path that climbs", b"GET /api/backups/download/../../../etc/passwd HTTP/1.1\r\n" + HOST + b"\r\n",
          refused=False),
]
