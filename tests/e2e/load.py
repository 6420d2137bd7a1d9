"""run_load(): many requests over some connections at once, pipelined if wanted; returns the client's truth."""

import os
import selectors
import socket
import time
from collections import deque

from request import whole
from response import ResponseReader
from truth import End

DEADLINE_SECONDS = 240
RECEIVE_BYTES = 1 << 14  # of a pipelined connection, no more of a call leaves the kernel (SUTURE_HEAD_MAX)


class Lane:
    """One place among the connections: reconnects when the server closes after a response."""

    def __init__(self, address, requests, depth, cut, selector):
        self.address, self.requests, self.depth, self.cut = address, deque(requests), depth, cut
        self.selector = selector
        self.pieces = deque()
        self.waiting = deque()  # requests sent, oldest first
        self.ends = []
        self.socket = None
        if self.requests:
            self.connect()

    def connect(self):
        family = socket.AF_INET6 if ":" in self.address[0] else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.connect(self.address)
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = ResponseReader()
        self.selector.register(self.socket, selectors.EVENT_READ, self)
        self.refill()

    def disconnect(self):
        self.selector.unregister(self.socket)
        self.socket.close()
        self.socket = None

    def refill(self):
        """Queues requests up to the depth, as one run of bytes: that is what pipelining looks like on the wire."""
        if len(self.waiting) > self.depth // 2:
            return
        run = b""
        while self.requests and len(self.waiting) < self.depth and not (self.waiting and self.waiting[-1].is_last()):
            request = self.requests.popleft()
            run += request.head() + request.body_on_wire()
            self.reader.expect(request.method)
            self.waiting.append(request)
        if run:
            self.pieces.extend(self.cut(run))
            self.send()

    def send(self):
        """One piece per turn of the loop, so that the other side has its chance to read in between."""
        piece = self.pieces.popleft()
        try:
            sent = self.socket.send(piece)
        except BlockingIOError:
            sent = 0
        if sent < len(piece):
            self.pieces.appendleft(piece[sent:])
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if self.pieces else 0)
        self.selector.modify(self.socket, events, self)

    def receive(self):
        data = self.socket.recv(RECEIVE_BYTES)
        if data:
            self.reader.feed(data)
        else:
            self.reader.end_of_stream()
        closes = not data
        while self.reader.finished:
            status, closing = self.reader.finished.popleft()
            request = self.waiting.popleft()
            self.ends.append(End(os.getpid(), request.method, request.path, status))
            closes = closes or closing or request.is_last()
        if closes:
            if self.waiting:
                raise RuntimeError(f"closed before the answer to {self.waiting[0].path}")
            self.disconnect()
            if self.requests:
                self.connect()
        elif self.requests:
            self.refill()
        elif not self.waiting:
            self.disconnect()


def run_load(address, requests, connections=64, depth=1, cut=whole):
    """Every request gets its final response, or this raises. Each lane takes every connections-th request."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    with selectors.DefaultSelector() as selector:
        lanes = [Lane(address, requests[i::connections], depth, cut, selector) for i in range(connections)]
        while selector.get_map():
            if time.monotonic() > deadline:
                raise RuntimeError(f"not done within {DEADLINE_SECONDS} s")
            for key, events in selector.select(1):
                if events & selectors.EVENT_WRITE:
                    key.data.send()
                if events & selectors.EVENT_READ and key.data.socket:
                    key.data.receive()
    return [end for lane in lanes for end in lane.ends]
