"""Kernels of Debian's cloud images, fetched with the host's own apt into a cache, never installed."""

import lzma
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "suture" / "kernels"
SUITES = {"6.1": "bookworm", "6.12": "trixie", "newest": "sid"}
SIGNED_BY = "/usr/share/keyrings/debian-archive-keyring.gpg"


@dataclass(frozen=True)
class Kernel:
    name: str
    folder: Path

    @property
    def image(self):
        patterns = ("boot/vmlinuz-*", "usr/lib/modules/*/vmlinuz")  # the second since Debian's 7.2
        return next(path for pattern in patterns for path in self.folder.glob(pattern))

    @property
    def release(self):
        return next((self.folder / "lib/modules").iterdir()).name

    @property
    def busybox(self):
        return next(path for path in (self.folder / "usr/bin/busybox", self.folder / "bin/busybox") if path.exists())

    def modules(self, wanted):
        """(file name, bytes) of these and what they need, in the order of loading. What is built in is left out."""
        base = self.folder / "lib/modules" / self.release
        needs, path_of = {}, {}
        for line in (base / "modules.dep").read_text().splitlines():
            path, _, others = line.partition(":")
            needs[path] = others.split()
            path_of[path.rsplit("/", 1)[-1].split(".ko")[0].replace("-", "_")] = path
        order = []

        def add(path):
            for other in reversed(needs[path]):
                add(other)
            if path not in order:
                order.append(path)

        for name in wanted:
            if name in path_of:
                add(path_of[name])
        return [(path.rsplit("/", 1)[-1].split(".ko")[0] + ".ko", plain((base / path).read_bytes())) for path in order]


def plain(module):
    return lzma.decompress(module) if module.startswith(b"\xfd7zXZ") else module


def mirror():
    """Where the host's own packages come from."""
    lines = subprocess.run(["apt-get", "indextargets", "--format", "$(SITE) $(COMPONENT) $(ORIGIN) $(CREATED_BY) $(CODENAME)"],
                           capture_output=True, text=True, check=True).stdout.splitlines()
    for line in lines:
        site, component, origin, kind, suite = line.split()
        if (component, origin, kind) == ("main", "Debian", "Packages") and not re.search("security|updates|backports", suite):
            return site
    raise RuntimeError("no Debian mirror in the configuration of apt: apt-get update, and try again")


def fetch(name):
    kernel = Kernel(name, CACHE / name)
    if (kernel.folder / "whole").exists():
        return kernel
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as state:
        os.makedirs(f"{state}/lists/partial")
        os.makedirs(f"{state}/archives/partial")
        Path(state, "status").touch()
        Path(state, "sources.list").write_text(f"deb [signed-by={SIGNED_BY}] {mirror()} {SUITES[name]} main\n")
        apart = [f"Dir::Etc::SourceList={state}/sources.list", "Dir::Etc::SourceParts=/dev/null", f"Dir::State={state}",
                 f"Dir::State::status={state}/status", f"Dir::Cache={state}", "APT::Sandbox::User=root", "Acquire::Languages=none"]
        options = [word for option in apart for word in ("-o", option)]

        def apt(*words):
            return subprocess.run([words[0], *options, *words[1:]], cwd=state, check=True, capture_output=True, text=True).stdout

        def depends(package):
            return re.findall(r"Depends: (linux-\S*-\d\S*)", apt("apt-cache", "depends", package))

        apt("apt-get", "-qq", "update")
        image = depends("linux-image-cloud-amd64")[0]
        apt("apt-get", "-qq", "download", image, *(p for p in depends(image) if "base" not in p or "-cloud" in p), "busybox-static")
        whole = Path(state, "whole")
        for package in Path(state).glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", package, whole], check=True)
        kernel_of_it = Kernel(name, whole)
        if not (whole / "lib").exists():
            (whole / "lib").symlink_to("usr/lib")
        subprocess.run(["depmod", "-b", whole, kernel_of_it.release], check=True, stderr=subprocess.DEVNULL)
        (whole / "whole").touch()
        whole.rename(kernel.folder)
    return kernel
