"""Talker: one connection's random messages, the same for the same seed, and the digests of both directions."""

import hashlib
import random
import socket

POOL_BYTES = 1 << 20
LARGEST_BITS = 16  # messages of 1 B to 64 KiB, every power of two as likely
HTTP_TEXT = b"GET /fake HTTP/1.1\r\nHost: fake\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"


def make_pool(seed):
    source = random.Random(seed)
    pool = bytearray(source.randbytes(POOL_BYTES))
    for _ in range(2000):  # so that some bodies begin, contain or end like HTTP
        position = source.randrange(POOL_BYTES - len(HTTP_TEXT))
        pool[position:position + len(HTTP_TEXT)] = HTTP_TEXT
    return bytes(pool)


class Talker:
    """run() is a thread's whole life; count, failure, share and all are read by others, stop is written by them."""

    def __init__(self, address, seed, share_count, speaks_http):
        self.random, self.pool = random.Random(seed), make_pool(seed)
        self.share_count, self.speaks_http = share_count, speaks_http
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port = self.socket.getsockname()[1]
        self.sent, self.received = hashlib.sha256(), hashlib.sha256()
        self.count, self.stop, self.failure = 0, False, None
        self.share = self.all = None

    def body(self):
        size = int(2 ** self.random.uniform(0, LARGEST_BITS))
        position = self.random.randrange(POOL_BYTES - size)
        return self.pool[position:position + size]

    def frame(self, body):
        """The message, and how many bytes the service will answer."""
        if not self.speaks_http:
            return len(body).to_bytes(4, "big") + body, 4 + len(body)
        head = b"POST /m/%d HTTP/1.1\r\nHost: bytes.test\r\nContent-Length: %d\r\n\r\n" % (self.count, len(body))
        return head + body, len(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)) + len(body)

    def exchange(self):
        message, left = self.frame(self.body())
        cut = self.random.randrange(len(message) + 1)
        for piece in (message[:cut], message[cut:]):
            if piece:
                self.socket.sendall(piece)
        self.sent.update(message)
        while left:
            data = self.socket.recv(min(left, 1 << 17))
            if not data:
                raise ConnectionError("the service closed")
            self.received.update(data)
            left -= len(data)
        self.count += 1

    def digests(self):
        return str(self.count), self.sent.hexdigest(), self.received.hexdigest()

    def run(self):
        try:
            while self.count < self.share_count or not self.stop:
                self.exchange()
                if self.count == self.share_count:
                    self.share = self.digests()
            self.all = self.digests()
        except Exception as error:  # whatever it is, the test must hear of it
            self.failure = error
        self.socket.close()
