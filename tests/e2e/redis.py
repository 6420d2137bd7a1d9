"""Redis: a real redis-server of a test's own, without a disk, that can be slow, go away and come back."""

import contextlib
import socket
import threading

from polling import wait_until
from runtimes import find, free_port, listens

READY_SECONDS = 20
PAUSE_MS = 300


class Redis:
    def __init__(self, scene, *options):
        self.scene, self.options = scene, options
        self.program = find("redis-server")
        self.address = ("127.0.0.1", free_port("127.0.0.1"))
        self.start()

    @property
    def url(self):
        return f"redis://{self.address[0]}:{self.address[1]}"

    def start(self):
        self.process = self.scene.spawn([self.program, "--bind", self.address[0], "--port", self.address[1], "--save", "", "--appendonly", "no",
                                         "--dir", self.scene.directory, "--logfile", self.scene.file("redis.log"), *self.options])
        wait_until(lambda: listens(self.address), READY_SECONDS, "redis-server to listen")

    def stop(self):
        self.process.kill()
        self.process.wait()

    @contextlib.contextmanager
    def slow(self):
        """Meanwhile every answer comes up to PAUSE_MS late."""
        over = threading.Event()

        def pause():
            with socket.create_connection(self.address) as connection:
                while not over.is_set():
                    connection.sendall(f"CLIENT PAUSE {PAUSE_MS} ALL\r\n".encode())
                    connection.recv(64)

        thread = threading.Thread(target=pause)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
