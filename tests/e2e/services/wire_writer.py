"""A service that sends all kinds of bytes because of a request: GET /x/N sends message number N to the echo and compares what arrived there.

Each answer is one line: the message's kind, how often a header was inserted, and "same" or what else was changed.
usage: wire_writer.py LOG HOST ECHO_PORT"""

import os
import random
import re
import socket
import sys
import tempfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ECHO = (sys.argv[2], int(sys.argv[3]))
LINE = re.compile(rb"traceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\r\n")
CONTEXT = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
SPELLINGS = (b"traceparent: ", b"Traceparent:", b"TRACEPARENT: ", b"traceParent : ")


def head(method=b"GET", *fields, path=b"/a"):
    return b"\r\n".join([method + b" " + path + b" HTTP/1.1", b"Host: h", *fields]) + b"\r\n\r\n"


def body(r, size):
    return (head() + r.randbytes(50)) * (size // 60) + b"\r\n"


def posted(r, size):
    content = body(r, size)
    return head(b"POST", b"Content-Length: %d" % len(content)) + content


def chunked(r):
    return head(b"POST", b"Transfer-Encoding: chunked") + b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in (head(), r.randbytes(99))) + b"0\r\n\r\n"


def split(r):
    whole = head(b"GET", b"X: " + b"x" * 80)
    at = r.randrange(1, len(whole) - 1)
    return [whole[:at], whole[at:]]


# What may get one header, and what must not get any, as a list of sends.
MAY = {
    "get": lambda r: [head()],
    "body": lambda r: [posted(r, r.randrange(100, 20_000))],
    "body-apart": lambda r: [head(b"PUT", b"Content-Length: 500"), head() * 10 + b"x" * (500 - 10 * len(head()))],
    "keep-alive": lambda r: [head(), posted(r, 300), head(b"DELETE")],
    "pipelined": lambda r: [head() * r.randrange(2, 30)],
    "chunked": lambda r: [chunked(r)],
    "upgrade": lambda r: [head(b"GET", b"Connection: Upgrade", b"Upgrade: websocket"), r.randbytes(400), head()],
    "expect": lambda r: [head(b"POST", b"Expect: 100-continue", b"Content-Length: 50"), b"y" * 50],
    "large": lambda r: [posted(r, 1_000_000)],
    "ranges": lambda r: (head(), b"z" * 3000),  # one writev
    "file": lambda r: [head(b"POST", b"Content-Length: 300000"), open],  # by sendfile
}
MUST_NOT = {
    "has-context": lambda r: [head(b"GET", r.choice(SPELLINGS) + CONTEXT)],
    "connect": lambda r: [head(b"CONNECT", path=b"h:443"), r.randbytes(200)],
    "split": split,
    "binary": lambda r: [b"GET " + r.randbytes(400)],
    "yamux": lambda r: [bytes(12), head()],
    "http2": lambda r: [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + r.randbytes(100)],
    "tls": lambda r: [b"\x16\x03\x01\x02\x00" + r.randbytes(500)],
    "bare-lf": lambda r: [head().replace(b"\r\n", b"\n")],
    "folded": lambda r: [head(b"GET", b"X: a\r\n b")],
    "long": lambda r: [head(b"GET", b"X: " + b"x" * 8000)],
}
KINDS = sorted({**MAY, **MUST_NOT})


def send(sock, part):
    """Returns what was sent."""
    if part is open:
        with tempfile.TemporaryFile() as file:
            file.write(os.urandom(300_000))
            file.flush()
            file.seek(0)
            sock.sendfile(file)
            file.seek(0)
            return file.read()
    sock.sendall(part)
    return part


def send_message(number):
    """(kind, what was sent, what arrived)"""
    r = random.Random(number)
    kind = KINDS[number % len(KINDS)]
    parts = {**MAY, **MUST_NOT}[kind](r)
    with socket.create_connection(ECHO, timeout=60) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(None)  # with one, Python's sockets do not block
        if isinstance(parts, tuple):
            sock.sendmsg(parts)
            sent = b"".join(parts)
        else:
            sent = b"".join(send(sock, part) for part in parts)
        sock.shutdown(socket.SHUT_WR)
        arrived = b""
        while data := sock.recv(1 << 20):
            arrived += data
    return kind, sent, arrived.partition(b"\r\n\r\n")[2]


def judge(kind, sent, arrived):
    if arrived == sent:
        return 0, "same"
    at = sent.find(b"\r\n") + 2
    inserted = LINE.match(arrived, at)
    if not inserted or arrived[:at] + arrived[inserted.end():] != sent:
        return 0, f"changed: sent {sent[:300]!r} arrived {arrived[:300]!r}"
    return 1, "same" if kind in MAY else "a header where none may be"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        kind, sent, arrived = send_message(int(self.path.rsplit("/", 1)[1]))
        inserted, word = judge(kind, sent, arrived)
        text = f"{kind} {inserted} {word}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


class Server(ThreadingHTTPServer):
    request_queue_size = 128


if __name__ == "__main__":
    with Server((sys.argv[2], 0), Handler) as server:
        print("port", server.server_address[1], flush=True)
        server.serve_forever()
