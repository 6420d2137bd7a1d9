"""Runs a command under another kernel: QEMU without KVM, the host's root file system read-only, one emulated CPU.

In the machine /tmp, /run and /dev/shm are empty and writable; there is no network but loopback. What the command writes comes back
when it ends.
"""

import os
import re
import shlex
import shutil
import subprocess
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

MODULES = ["virtio_pci", "virtiofs", "virtio_rng",
           "veth", "nf_tables", "nft_chain_nat", "nft_nat", "nft_masq", "nft_numgen"]  # hosts of tests/e2e with a router between
VIRTIOFSD = ("/usr/lib/qemu/virtiofsd", "/usr/libexec/virtiofsd")
MEMORY = "2G"

# Replaces the initial root by the host's, and goes on there with SECOND.
FIRST = """#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t devtmpfs dev /dev
while read -r module; do insmod /modules/$module; done </modules/order
mount -t virtiofs -o ro host /host && mount -t virtiofs out /host/mnt || reboot -f
mount -t tmpfs -o mode=1777 tmp /host/tmp; mount -t tmpfs -o mode=755 run /host/run
cp /bin/busybox /second /host/run/
mount --move /dev /host/dev; umount /proc
exec switch_root /host /run/busybox sh /run/second
"""
SECOND = """
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TMPDIR=/tmp
/run/busybox mount -t proc proc /proc; /run/busybox mount -t sysfs sys /sys
mkdir -p /dev/pts /dev/shm
for at in 'devpts /dev/pts' 'tmpfs /dev/shm' 'tracefs /sys/kernel/tracing' 'bpf /sys/fs/bpf' 'cgroup2 /sys/fs/cgroup'; do
  /run/busybox mount -t ${at% *} ${at% *} ${at#* }
done
/run/busybox ip link set lo up
ulimit -n 65536
cd WHERE
COMMAND </dev/null >/mnt/stdout 2>/mnt/stderr
echo $? >/mnt/status
/run/busybox sync; /run/busybox reboot -f
"""


@dataclass(frozen=True)
class Outcome:
    status: int | None  # of the command; None: the machine ended without one, or was stopped
    stdout: str
    stderr: str
    console: str


def initial_root(kernel, folder, script):
    root = Path(folder, "initial")
    for name in ("bin", "proc", "dev", "host", "modules"):
        (root / name).mkdir(parents=True)
    shutil.copy(kernel.busybox, root / "bin/busybox")
    modules = kernel.modules(MODULES)
    for name, content in modules:
        (root / "modules" / name).write_bytes(content)
    (root / "modules/order").write_text("".join(f"{name}\n" for name, _ in modules))
    (root / "init").write_text(FIRST)
    (root / "init").chmod(0o755)
    (root / "second").write_text(script)
    names = subprocess.run(["find", "."], cwd=root, capture_output=True, check=True).stdout
    archive = Path(folder, "initial.cpio")
    with archive.open("wb") as file:
        subprocess.run(["cpio", "--quiet", "-o", "-H", "newc"], cwd=root, input=names, stdout=file, check=True)
    return archive


def share(stack, folder, name, source, writable):
    """Starts a server of `source`'s files. Returns QEMU's words for it."""
    socket = f"{folder}/{name}.socket"
    at = source
    words = []
    if not writable:  # a mount of its own that nothing can be written through
        at = f"{folder}/{name}"
        os.mkdir(at)
        words = ["unshare", "--mount", "--propagation", "private", "sh", "-c",
                 'mount --bind "$0" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"', source, at]
    server = next(path for path in VIRTIOFSD if os.path.exists(path))
    words += [server, f"--socket-path={socket}", "-o", f"source={at},sandbox=chroot,cache=auto"]
    process = stack.enter_context(subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    stack.callback(process.kill)
    while not os.path.exists(socket):
        if process.poll() is not None:
            raise RuntimeError(f"virtiofsd ended with {process.returncode}")
    return ["-chardev", f"socket,id={name},path={socket}", "-device", f"vhost-user-fs-pci,chardev={name},tag={name}"]


def boot(kernel, command, where, seconds):
    with tempfile.TemporaryDirectory(prefix="suture-vm.") as folder, ExitStack() as stack:
        script = SECOND.replace("WHERE", shlex.quote(str(where))).replace("COMMAND", shlex.join(command))
        initial = initial_root(kernel, folder, script)
        out = Path(folder, "out")
        out.mkdir()
        # QEMU 7.2 computes the flags of cmpxchg16b wrongly, on which allocators before 6.18 rely; newer ones need the instruction.
        version = tuple(int(part) for part in re.match(r"(\d+)\.(\d+)", kernel.release).groups())
        # no_timer_check: a busy host may let QEMU's timer be so late that the kernel panics ("IO-APIC + timer doesn't work").
        words = ["qemu-system-x86_64", "-nodefaults", "-no-reboot", "-display", "none", "-accel", "tcg", "-cpu", "max,la57=off",
                 "-M", "q35,memory-backend=memory,hpet=off", "-m", MEMORY, "-object", f"memory-backend-memfd,id=memory,share=on,size={MEMORY}",
                 "-kernel", str(kernel.image), "-initrd", str(initial), "-serial", f"file:{folder}/console", "-device", "virtio-rng-pci",
                 "-append", "console=ttyS0 loglevel=4 panic=-1 nokaslr mitigations=off tsc=reliable no_timer_check rdinit=/init" + (" clearcpuid=141" if version < (6, 18) else ""),
                 *share(stack, folder, "host", "/", False), *share(stack, folder, "out", str(out), True)]
        machine = stack.enter_context(subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        stack.callback(machine.kill)
        try:
            machine.wait(seconds)
        except subprocess.TimeoutExpired:
            machine.kill()
        text = {name: (out / name).read_text(errors="replace") if (out / name).exists() else "" for name in ("stdout", "stderr", "status")}
        console = Path(folder, "console")
        return Outcome(int(text["status"]) if text["status"] else None, text["stdout"], text["stderr"],
                       console.read_text(errors="replace") if console.exists() else "")
