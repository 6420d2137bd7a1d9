#!/usr/bin/env python3
"""Boots other kernels in QEMU and runs there, with each mechanism that is to work: `suture doctor`, kernel tests and a few
end-to-end cases. Prints kernel x mechanism x result; exits 0 if all is as it must be.

usage: run.py [--kernel NAME]... [--hooks MECHANISM]... [--accel tcg|kvm] [--suture BINARY] [--build DIRECTORY]

Emulated unless told otherwise: some minutes a kernel. Kernels are fetched once (fetch-kernel) and kept in
SUTURE_VM_CACHE, or ~/.cache/suture-vm. A kernel that cannot be had is said, and fails the run.
"""

import argparse
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

from image import build_image
from kernels import KERNELS

HERE = Path(__file__).resolve().parent
BUILD = HERE.parent.parent / "build"
PARTS = ("doctor", "kernel", "call-kinds", "framing:python")
VM_SECONDS = 5400
MEMORY = "1536M"


def fetch(kernel, cache):
    """The directory of its image, or None."""
    directory = cache / kernel.suite
    return directory if subprocess.run([HERE / "fetch-kernel", kernel.suite, directory], check=False).returncode == 0 else None


def qemu_command(kernel, directory, image, accelerator, mechanisms):
    # no_timer_check: on a busy host the emulated timer comes too late for the kernel's trust, and it panics.
    words = ["console=ttyS0", "loglevel=4", "panic=-1", "mitigations=off", "tsc=reliable", "no_timer_check", "nokaslr", "rdinit=/init"]
    if kernel.hides_cx16:
        words.append("clearcpuid=141")
    return ["qemu-system-x86_64", "-M", "q35,hpet=off", "-accel", accelerator, "-cpu", "max,la57=off", "-m", MEMORY, "-nodefaults", "-no-user-config",
            "-no-reboot", "-display", "none", "-serial", "stdio", "-kernel", directory / "vmlinuz", "-initrd", image,
            "-append", " ".join([*words, "--", *mechanisms])]


def boot(kernel, command, log_path):
    """The lines `vm: ...` of the guest, without these first words."""
    said = []
    with open(log_path, "w") as log:
        machine = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                   errors="replace")
        watchdog = threading.Timer(VM_SECONDS, machine.kill)
        watchdog.start()
        try:
            for line in machine.stdout:
                log.write(line)
                log.flush()
                if line.startswith("vm: "):
                    said.append(line[4:].strip())
                    print(f"{kernel.name}: {said[-1]}", flush=True)
        finally:
            watchdog.cancel()
            machine.kill()
            machine.wait()
    return said


def results_of(said):
    """{(mechanism, part): "ok" or "FAILED"}"""
    lines = [line.split(" ", 3) for line in said]
    return {(words[0], words[1]): words[2] for words in lines if len(words) >= 3 and words[2] in ("ok", "FAILED")}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kernel", action="append", choices=[kernel.name for kernel in KERNELS])
    parser.add_argument("--hooks", action="append", help="only this mechanism, where it is to work")
    parser.add_argument("--accel", default="tcg", help="kvm is faster, where the host's works (default: %(default)s)")
    parser.add_argument("--suture", default=BUILD / "suture", type=Path)
    parser.add_argument("--build", default=BUILD / "tests", type=Path)
    options = parser.parse_args()
    if not shutil.which("qemu-system-x86_64"):
        sys.exit("run.py: no qemu-system-x86_64 (Debian: qemu-system-x86; scripts/setup vm installs it)")
    cache = Path(os.environ.get("SUTURE_VM_CACHE") or Path.home() / ".cache" / "suture-vm")
    out = options.build / "vm"
    out.mkdir(parents=True, exist_ok=True)
    image = out / "initramfs"
    build_image(options.suture, options.build, image)

    rows, fine = [], True
    for kernel in KERNELS:
        if options.kernel and kernel.name not in options.kernel:
            continue
        mechanisms = [m for m in kernel.mechanisms if not options.hooks or m in options.hooks]
        directory = fetch(kernel, cache)
        log = out / f"{kernel.name}.log"
        results = results_of(boot(kernel, qemu_command(kernel, directory, image, options.accel, mechanisms), log)) if directory else {}
        name = (directory / "release").read_text().strip() if directory else f"{kernel.name}, not to be had"
        for mechanism in mechanisms or ["none"]:
            parts = PARTS if mechanisms else PARTS[:1]
            cells = [results.get((mechanism, part), "no answer") for part in parts]
            fine = fine and all(c == "ok" for c in cells)
            rows.append((name, mechanism, *cells, *[""] * (len(PARTS) - len(cells))))
        print(f"{kernel.name}: the console is in {log}", flush=True)

    table = [("kernel", "mechanism", *PARTS), *rows]
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    for row in table:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip())
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
