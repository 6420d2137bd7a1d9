"""Request: what a client is to send, and the ways to cut it into pieces."""

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    path: str
    method: str = "GET"
    body: bytes = b""
    fields: tuple[str, ...] = ()
    chunked: bool = False   # the body goes as chunks of uneven sizes
    expect: bool = False    # Expect: 100-continue
    version: str = "HTTP/1.1"

    def is_last(self):
        """Nothing may follow it on its connection, whether or not the response says so too."""
        return "Connection: close" in self.fields

    def head(self):
        lines = [f"{self.method} {self.path} {self.version}", "Host: service.test", *self.fields]
        if self.chunked:
            lines.append("Transfer-Encoding: chunked")
        elif self.body or self.method == "POST":
            lines.append(f"Content-Length: {len(self.body)}")
        if self.expect:
            lines.append("Expect: 100-continue")
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def body_on_wire(self):
        if not self.chunked:
            return self.body
        out, position, size = b"", 0, 1
        while position < len(self.body):
            piece = self.body[position:position + size]
            out += b"%x\r\n%s\r\n" % (len(piece), piece)
            position, size = position + size, size * 3
        return out + b"0\r\n\r\n"


def whole(data):
    return [data]


def every_byte(data):
    return [data[i:i + 1] for i in range(len(data))]


class AtRandom:
    """Cuts at up to three points, the same ones in every run."""

    def __init__(self, seed=1):
        self.random = random.Random(seed)

    def __call__(self, data):
        points = sorted(self.random.sample(range(1, len(data)), min(3, len(data) - 1)))
        return [data[a:b] for a, b in zip([0, *points], [*points, len(data)])]


class TwoPieces:
    """Cuts the n-th message in two after its n-th byte, so that every position has its turn."""

    def __init__(self):
        self.turn = 0

    def __call__(self, data):
        self.turn = self.turn % (len(data) - 1) + 1
        return [data[:self.turn], data[self.turn:]]


def padding(size):
    """Header fields that make a head at least `size` bytes long; lines of 1 000 bytes, as servers limit one line."""
    return tuple(f"X-Pad-{i}: " + "p" * 988 for i in range((size + 999) // 1000))
