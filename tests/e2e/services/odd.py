"""A raw HTTP/1 server that does what well-behaved ones do not. usage: odd.py LOG [HOST [READ_SIZE]]

READ_SIZE bounds every recv: 1 reads byte by byte. One thread per connection. Routes, besides /r/<n>:
  /reset/<n>    reset instead of an answer            /silent/<n>   close without an answer
  /cut/<n>      half of the promised body, then close /wait/<n>     never answers, waits for the client to go
  /until-close/<n>  a body that ends with the connection
  /interim/<n>  102 and 103 before the 200            /trailers/<n> chunked with trailer fields
  /early/<n>    413 before the body is read, then close
  /huge/<n>     32 MiB, so that the client can leave it unread
  /upgrade/<n>  101, then echoes bytes that are not HTTP
  /disguised/<n>  a body that reads like HTTP messages
A request without a `/` route prefix it knows is answered 200 "ok". The log gets `begun` when a head was read.
"""

import os
import socket
import struct
import sys
import threading

HUGE_BYTES = 32 << 20  # more than both sockets' buffers can grow to
DISGUISED = b"HTTP/1.1 500 Fake\r\nContent-Length: 0\r\n\r\nGET /fake HTTP/1.1\r\nHost: fake\r\n\r\n" * 20
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Gone(Exception):
    """The client closed or reset the connection."""


class Stream:
    def __init__(self, connection, read_size):
        self.connection, self.read_size, self.buffer = connection, read_size, b""

    def more(self):
        try:
            data = self.connection.recv(self.read_size)
        except OSError as error:
            raise Gone from error
        if not data:
            raise Gone
        self.buffer += data

    def until(self, mark):
        while mark not in self.buffer:
            self.more()
        piece, _, self.buffer = self.buffer.partition(mark)
        return piece

    def exactly(self, count):
        while len(self.buffer) < count:
            self.more()
        piece, self.buffer = self.buffer[:count], self.buffer[count:]
        return piece

    def send(self, data):
        try:
            self.connection.sendall(data)
        except OSError as error:
            raise Gone from error


class Conversation:
    """One connection, from accept to close."""

    def __init__(self, connection, read_size, log):
        self.stream, self.connection, self.log = Stream(connection, read_size), connection, log
        self.open = True

    def run(self):
        try:
            while self.open:
                self.serve_one()
        except Gone:
            pass
        self.connection.close()

    def note(self, method, path, what):
        self.log.write(f"{os.getpid()} {method} {path} {what}\n")

    def serve_one(self):
        lines = self.stream.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        method, path, version = lines[0].split(" ")
        fields = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines[1:])}
        self.open = fields.get("connection", "").lower() != "close" and (
            version == "HTTP/1.1" or fields.get("connection", "").lower() == "keep-alive")
        self.note(method, path, "begun")
        try:
            status = self.answer(method, path, fields)
        except Gone:
            self.note(method, path, "-")
            raise
        self.note(method, path, status)

    def read_body(self, fields):
        if fields.get("expect", "").lower() == "100-continue":
            self.stream.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        if "chunked" in fields.get("transfer-encoding", "").lower():
            body = b""
            while size := int(self.stream.until(b"\r\n").split(b";")[0], 16):
                body += self.stream.exactly(size)
                self.stream.exactly(2)
            while self.stream.until(b"\r\n"):
                pass
            return body
        return self.stream.exactly(int(fields.get("content-length", 0)))

    def reply(self, method, body, status=b"200 OK", head=b""):
        no_body = method == "HEAD" or status[:3] in (b"204", b"304")
        length = b"" if status[:3] in (b"204", b"304") else b"Content-Length: %d\r\n" % len(body)
        close = b"" if self.open else b"Connection: close\r\n"
        self.stream.send(b"HTTP/1.1 %s\r\n%s%s%s\r\n" % (status, length, close, head) + (b"" if no_body else body))
        return int(status[:3])

    def answer(self, method, path, fields):
        """What goes into the log: the final status, or `-`."""
        route = path.split("/")[1] if "/" in path else ""
        if route == "early":
            return self.answer_early(method)
        body = self.read_body(fields)
        special = getattr(self, "answer_" + route.replace("-", "_"), None)
        if special:
            return special(method, path)
        if route == "status":
            return self.reply(method, b"", path.split("/")[2].encode() + b" Status")
        return self.reply(method, body if method == "POST" else b"ok\n")

    def answer_early(self, method):
        """Unread bytes at a close would reset the connection under the answer: read until the client has it."""
        self.open = False
        status = self.reply(method, b"too much\n", b"413 Content Too Large")
        self.connection.shutdown(socket.SHUT_WR)
        try:
            while True:
                self.stream.more()
        except Gone:
            return status

    def answer_reset(self, *_):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self.open = False
        return "-"

    def answer_silent(self, *_):
        self.open = False
        return "-"

    def answer_wait(self, *_):
        self.stream.more()  # the client says nothing more: this ends in Gone
        return "-"

    def answer_cut(self, *_):
        self.open = False
        self.stream.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"c" * 500)
        return 200

    def answer_until_close(self, *_):
        self.open = False
        self.stream.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        for _ in range(3):
            self.stream.send(b"u" * 1000)
        return 200

    def answer_interim(self, method, _):
        self.stream.send(b"HTTP/1.1 102 Processing\r\n\r\n")
        self.stream.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n")
        return self.reply(method, b"ok\n")

    def answer_trailers(self, *_):
        self.stream.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Digest\r\n\r\n")
        self.stream.send(b"3;name=value\r\none\r\n")
        self.stream.send(b"4\r\ntwo!\r\n0\r\nDigest: x\r\n\r\n")
        return 200

    def answer_huge(self, *_):
        self.stream.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % HUGE_BYTES)
        try:
            for _ in range(HUGE_BYTES >> 16):
                self.stream.send(b"h" * (1 << 16))
        except Gone:  # the status did cross the wire
            self.open = False
        return 200

    def answer_disguised(self, method, _):
        return self.reply(method, DISGUISED)

    def answer_upgrade(self, *_):
        self.open = False
        self.stream.send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
        try:
            while True:
                self.stream.send(self.stream.exactly(max(1, len(self.stream.buffer))))
        except Gone:
            return 101


def main():
    log = open(sys.argv[1], "a", buffering=1)
    host = sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1"
    read_size = int(sys.argv[3]) if len(sys.argv) > 3 else 65536
    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET,
                              backlog=256) as listener:
        print("port", listener.getsockname()[1], flush=True)
        while True:
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=Conversation(connection, read_size, log).run, daemon=True).start()


if __name__ == "__main__":
    main()
