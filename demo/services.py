"""The shop's services as processes: which there are, what each needs, who asks whom.

A service whose runtime is not installed is left out; whoever would ask it does without.
"""
import contextlib
import dataclasses
import os
import pathlib
import shutil
import socket
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
START_S = 60  # a cold JVM on a busy machine, with room
STOP_S = 10


@dataclasses.dataclass(frozen=True)
class Hop:
    """A request of one service to another; no two hops have the same path."""
    client: str
    server: str
    path: str  # followed by the item

    def status(self, item):
        return 404 if self.server == "stock" and item % 10 == 4 else 200


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Shop:
    """Runs from start() until close(), which ends every process that was started, by its pid."""

    RUNTIMES = {"stock": ["go"], "price": ["javac", "java"], "cart": ["node"], "shop": ["python3"], "front": ["nginx"]}

    def __init__(self, work):
        self.work = pathlib.Path(work)
        self.ports = {}
        self.left_out = {}  # service -> the runtime that is missing
        self.processes_ = []

    def start(self):
        """Leaves first, so that everyone finds those they ask."""
        for service, programs in self.RUNTIMES.items():
            missing = [program for program in programs if not shutil.which(program)]
            if missing:
                self.left_out[service] = missing[0]
                continue
            self.ports[service] = free_port()
            getattr(self, f"{service}_")(self.work / service)
        self.wait_until_listening_()

    @property
    def entrance(self):
        """(port, path) that customers use."""
        return (self.ports["front"], "/buy/") if "front" in self.ports else (self.ports["shop"], "/checkout/")

    def hops(self):
        """What one purchase makes happen, given who is there."""
        outside = "curl"
        every = [Hop(outside, "front", "/buy/"),
                 Hop("front" if "front" in self.ports else outside, "shop", "/checkout/"),
                 Hop("shop", "cart", "/cart/"),
                 Hop("cart", "stock", "/stock/"),
                 Hop("shop", "price", "/price/")]
        there = {outside, *self.ports}
        return [hop for hop in every if {hop.client, hop.server} <= there]

    def close(self):
        for process in reversed(self.processes_):
            process.terminate()
        for process in self.processes_:
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    # How each is made ready and started; `place` is a folder of its own.

    def stock_(self, place):
        # GOFLAGS of the user's own may ask for a module or a vendor folder; there is neither.
        subprocess.run(["go", "build", "-o", place / "stock", HERE / "stock" / "stock.go"], check=True,
                       env={**os.environ, "GOFLAGS": ""})
        self.run_("stock", [place / "stock"])

    def price_(self, place):
        subprocess.run(["javac", "-d", place, HERE / "price" / "Price.java"], check=True)
        self.run_("price", ["java", "-Xmx64m", "-cp", place, "Price"])

    def cart_(self, place):
        self.run_("cart", ["node", HERE / "cart" / "cart.js"], STOCK=self.address_("stock"))

    def shop_(self, place):
        self.run_("shop", ["python3", HERE / "shop" / "shop.py"], CART=self.address_("cart"),
                  PRICE=self.address_("price"))

    def front_(self, place):
        place.mkdir()
        place.chmod(0o755)  # started by root, nginx works as another user
        text = (HERE / "front" / "nginx.conf").read_text()
        text = text.replace("@PORT@", str(self.ports["front"])).replace("@SHOP@", self.address_("shop"))
        (place / "nginx.conf").write_text(text)
        self.run_("front", ["nginx", "-e", "stderr", "-p", place, "-c", "nginx.conf"])

    def address_(self, service):
        return f"127.0.0.1:{self.ports[service]}" if service in self.ports else ""

    def run_(self, service, command, **environment):
        # No proxy: the services are on this host, whatever the user's shell says.
        environment = {**os.environ, **environment, "PORT": str(self.ports[service]), "no_proxy": "*", "NO_PROXY": "*"}
        self.processes_.append(subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL,
                                                stdout=subprocess.DEVNULL))

    def wait_until_listening_(self):
        deadline = time.monotonic() + START_S
        for (service, port), process in zip(self.ports.items(), self.processes_, strict=True):
            while not listens(port):
                if process.poll() is not None:
                    raise RuntimeError(f"{service} ended with status {process.returncode} before it listened")
                if time.monotonic() > deadline:
                    raise RuntimeError(f"{service} does not listen on port {port} after {START_S} s")
                time.sleep(0.02)


def listens(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
