"""Redis: a real redis-server of a test's own, without a disk, that can be slow, go away and come back; SecuredRedis: one that speaks TLS
and asks for a password; RedisCluster: three that share the keys."""

import contextlib
import secrets
import socket
import subprocess
import threading

from polling import wait_until
from runtimes import find, free_port, listens
from scene import Failure

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

    def agent_options(self):
        return ["--edges", self.url]

    def start(self):
        self.process = self.scene.spawn([self.program, "--bind", self.address[0], *self.listen(), "--save", "", "--appendonly", "no",
                                         "--dir", self.scene.directory, "--logfile", self.scene.file("redis.log"), *self.options])
        wait_until(lambda: listens(self.address), READY_SECONDS, "redis-server to listen")

    def listen(self):
        return ["--port", self.address[1]]

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


class SecuredRedis(Redis):
    def __init__(self, scene):
        self.certificate, self.key, self.password = (scene.file(name) for name in ("cert.pem", "key.pem", "password"))
        self.password.write_text(secrets.token_hex(16) + "@:/%\n")
        made = subprocess.run([find("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=redis",
                               "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", self.key, "-out", self.certificate], capture_output=True, text=True, check=False)
        if made.returncode != 0:
            raise Failure(f"openssl: {made.stderr}")
        super().__init__(scene, "--tls-cert-file", self.certificate, "--tls-key-file", self.key, "--tls-ca-cert-file", self.certificate,
                         "--tls-auth-clients", "no", "--requirepass", self.password.read_text().strip())

    def listen(self):
        return ["--port", "0", "--tls-port", self.address[1]]

    def agent_options(self):
        return ["--edges", self.url.replace("redis:", "rediss:"), "--edges-ca", self.certificate, "--edges-password-file", self.password]


class RedisCluster:
    def __init__(self, scene):
        self.servers = []
        for _ in range(3):
            # The bus between them has the port plus 10 000, if nothing else is said.
            self.servers.append(Redis(scene, "--cluster-enabled", "yes", "--cluster-config-file", scene.file("nodes.conf"), "--cluster-port", free_port("127.0.0.1")))
        places = [f"{host}:{port}" for host, port in (server.address for server in self.servers)]
        made = subprocess.run([find("redis-cli"), "--cluster", "create", *places, "--cluster-yes"], capture_output=True, text=True, timeout=READY_SECONDS, check=False)
        if made.returncode != 0:
            raise Failure(f"redis-cli --cluster create: {made.stdout} {made.stderr}")

    def agent_options(self):
        return self.servers[0].agent_options()

    def keys(self):
        """How many each server has."""
        numbers = [subprocess.run([find("redis-cli"), "-p", str(server.address[1]), "DBSIZE"], capture_output=True, text=True, check=True) for server in self.servers]
        return [int(number.stdout) for number in numbers]
