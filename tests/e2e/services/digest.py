"""Echoes framed messages and hashes both directions. usage: digest.py LOG HOST SHARE

A frame is an HTTP POST with a Content-Length, answered by a 200 with the same body, or four bytes of length and the
body, answered by the same. The log gets `share PORT COUNT RECEIVED SENT` when a connection has brought SHARE messages
and `all PORT COUNT RECEIVED SENT` at its orderly end, `error ...` at any other.
"""

import hashlib
import socket
import sys
import threading

log = open(sys.argv[1], "a", buffering=1)
share = int(sys.argv[3])


class Conversation:
    def __init__(self, connection, port):
        self.connection, self.port = connection, port
        self.received, self.sent = hashlib.sha256(), hashlib.sha256()
        self.buffer = bytearray()
        self.count = 0

    def take(self, count):
        """At least `count` bytes are in the buffer afterwards. False: the client has closed."""
        while len(self.buffer) < count:
            data = self.connection.recv(1 << 17)
            if not data:
                return False
            self.received.update(data)
            self.buffer += data
        return True

    def take_body(self, start, length):
        if not self.take(start + length):
            raise ConnectionError("closed within a message")
        body = bytes(self.buffer[start:start + length])
        del self.buffer[:start + length]
        return body

    def next_answer(self):
        if not self.take(4):
            if self.buffer:
                raise ConnectionError("closed within a message")
            return None
        if self.buffer[:4] != b"POST":
            length = bytes(self.buffer[:4])
            return length + self.take_body(4, int.from_bytes(length, "big"))
        while (end := self.buffer.find(b"\r\n\r\n")) < 0:
            if not self.take(len(self.buffer) + 1):
                raise ConnectionError("closed within a head")
        length = int(bytes(self.buffer[:end]).rsplit(b"Content-Length: ", 1)[1])
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % length + self.take_body(end + 4, length)

    def note(self, what):
        log.write(f"{what} {self.port} {self.count} {self.received.hexdigest()} {self.sent.hexdigest()}\n")

    def run(self):
        try:
            while (answer := self.next_answer()) is not None:
                # Counted and noted before it is sent: the client's next message comes after the answer.
                self.sent.update(answer)
                self.count += 1
                if self.count == share:
                    self.note("share")
                self.connection.sendall(answer)
            self.note("all")
        except OSError as error:
            log.write(f"error {self.port} {self.count} {error!r} -\n")
        self.connection.close()


def main():
    with socket.create_server((sys.argv[2], 0), backlog=64) as listener:
        print("port", listener.getsockname()[1], flush=True)
        while True:
            connection, peer = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=Conversation(connection, peer[1]).run, daemon=True).start()


if __name__ == "__main__":
    main()
