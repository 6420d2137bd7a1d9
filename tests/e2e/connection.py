"""Connection: one blocking keep-alive connection, for cases that say step by step what happens."""

import os
import socket
import struct

from response import Cut, ResponseReader
from truth import End

TIMEOUT_SECONDS = 20
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Connection:
    def __init__(self, address, receive_buffer=None):
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(TIMEOUT_SECONDS)
        self.socket.connect(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = ResponseReader()
        self.request = None

    def prepare(self, request):
        """For who sends the head themselves: read_response() will take the next response for this request's."""
        self.request = request
        self.reader.expect(request.method)
        return request.head()

    def send(self, request, cut=lambda data: [data]):
        for piece in cut(self.prepare(request)):
            self.socket.sendall(piece)
        if request.expect:
            while not self.reader.continued and not self.reader.finished:
                self.receive()
            self.reader.continued = False
        if body := request.body_on_wire():  # a send of nothing would meet the reset of a server that is quick
            self.socket.sendall(body)

    def receive(self, limit=1 << 16):
        """Reads once. False: the server has closed."""
        data = self.socket.recv(limit)
        if data:
            self.reader.feed(data)
        return bool(data)

    def read_response(self):
        """This end's truth of the request that was sent last; a failure is part of the truth."""
        try:
            while not self.reader.finished:
                if not self.receive():
                    self.reader.end_of_stream()
        except Cut as cut:
            return self.end(cut.status, error=True)
        except (ConnectionResetError, BrokenPipeError):
            return self.end(self.reader.status, error=True)
        return self.end(self.reader.finished.popleft()[0])

    def exchange(self, request, cut=lambda data: [data]):
        self.send(request, cut)
        return self.read_response()

    def end(self, status, error=None):
        return End(os.getpid(), self.request.method, self.request.path, status, error)

    def abandon(self, status=None):
        """Resets the connection and returns this end's truth of the request under way."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self.close()
        return self.end(status, error=True)

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
