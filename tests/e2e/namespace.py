"""Router: three network namespaces, client - router - server, joined by veth pairs. The host's network is untouched."""

import contextlib
import ctypes
import os
import subprocess

from scene import Failure, Skip

CLONE_NEWNET = 0x40000000
SERVICE = ("203.0.113.1", 80)  # of the range that RFC 5737 keeps for documentation: no such host
PATH = "/usr/sbin:/sbin:/usr/bin:/bin"


def command(*words, **options):
    return subprocess.run(words, env={"PATH": PATH}, capture_output=True, text=True, **options)


# What a host says that has the tool and may not, or whose kernel has no such thing. All else is a failure.
UNABLE = ("Operation not permitted", "Operation not supported", "Unknown device type", "No such file or directory")


def must(*words, **options):
    done = command(*words, **options)
    if done.returncode != 0:
        unable = any(phrase in done.stderr for phrase in UNABLE)
        raise (Skip if unable else Failure)(f"`{' '.join(words)}`: {done.stderr.strip()}")


class Router:
    CLIENT, CLIENT_GATE = "192.0.2.1", "192.0.2.2"
    SERVER, SERVER_GATE = "198.51.100.1", "198.51.100.2"

    def __init__(self, scene):
        self.names = {role: f"suture-{scene.token}-{role}" for role in ("client", "router", "server")}
        try:
            for name in self.names.values():
                scene.cleanups.append(lambda name=name: command("ip", "netns", "delete", name))
                must("ip", "netns", "add", name)
        except FileNotFoundError as error:
            raise Skip("no `ip` on this host", "ip") from error
        self.join("client", self.CLIENT, self.CLIENT_GATE)
        self.join("server", self.SERVER, self.SERVER_GATE)
        must(*self.inside("router"), "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")

    def inside(self, role):
        return ("ip", "netns", "exec", self.names[role])

    def join(self, role, address, gate):
        name, router = self.names[role], self.names["router"]
        must("ip", "-n", name, "link", "add", "gate", "type", "veth", "peer", "name", "to-" + role, "netns", router)
        must("ip", "-n", name, "address", "add", address + "/30", "dev", "gate")
        must("ip", "-n", router, "address", "add", gate + "/30", "dev", "to-" + role)
        for namespace, device in ((name, "lo"), (name, "gate"), (router, "to-" + role)):
            must("ip", "-n", namespace, "link", "set", device, "up")
        must("ip", "-n", name, "route", "add", "default", "via", gate)

    def translate(self, server, hide_client):
        """Makes the router present `server` as a service address, which is returned."""
        rules = [f"type nat hook prerouting priority dstnat; ip daddr {SERVICE[0]} tcp dport {SERVICE[1]} "
                 f"dnat to {server[0]}:{server[1]};"]
        if hide_client:
            rules.append("type nat hook postrouting priority srcnat; masquerade;")
        chains = "".join(f"chain c{i} {{ {rule}\n}}\n" for i, rule in enumerate(rules))
        must(*self.inside("router"), "nft", "-f", "-", input=f"table ip suture_e2e {{\n{chains}}}\n")
        return SERVICE

    def renumber(self):
        """What the client sends arrives under other sequence numbers, as firewalls do it that randomise them: in each the highest bit is turned round."""
        must(*self.inside("router"), "nft", "-f", "-",
             input="table inet suture_renumber {\nchain forward {\ntype filter hook forward priority filter;\n"
             "iifname to-client tcp sequence set tcp sequence ^ 0x80000000;\niifname to-server tcp ackseq set tcp ackseq ^ 0x80000000;\n}\n}\n")

    def lose(self, percent):
        """So many of the packets that the router would pass on are dropped."""
        must(*self.inside("router"), "nft", "-f", "-",
             input=f"table inet suture_loss {{\nchain forward {{ type filter hook forward priority filter; "
             f"numgen random mod 100 < {percent} drop;\n}}\n}}\n")

    @contextlib.contextmanager
    def entered(self, role):
        """Sockets that this thread makes meanwhile belong to the namespace, and stay there."""
        libc = ctypes.CDLL(None, use_errno=True)

        def enter(path):
            with open(path) as namespace:
                if libc.setns(namespace.fileno(), CLONE_NEWNET) != 0:
                    raise OSError(ctypes.get_errno(), "setns")

        with open("/proc/thread-self/ns/net") as home:
            enter(f"/run/netns/{self.names[role]}")
            try:
                yield
            finally:
                enter(f"/proc/self/fd/{home.fileno()}")
