#!/usr/bin/python3
"""The first and only process of the guest: mounts, runs the tests with each mechanism that its arguments name, says on the
console how each ended, and ends the machine.

A result is a line `vm: MECHANISM PART ok|FAILED words`; everything else on the console is for people.
"""

import ctypes
import fcntl
import json
import os
import re
import socket
import struct
import subprocess
import sys
import traceback

PART_SECONDS = 1200  # emulated: ten to twenty times as slow
SIOCSIFFLAGS, IFF_UP_RUNNING = 0x8914, 0x41
RB_POWER_OFF = 0x4321FEDC
libc = ctypes.CDLL(None, use_errno=True)

CASES = ("call-kinds", "framing:python")
# What depends on the kernel most; each test loads all programs, which takes half a minute there.
TESTS = ("CallKinds.BodiesFromFilesAndPipes", "CallKinds.SocketsInASockhash", "Drops.IoUringIsCountedWhereItCannotBeRead",
         "Drops.ThirtyTwoBitCalls", "Connections.OpenBeforeDataAndCloseOnce", "LateAttach.NamesAndPositionsAreRight")


def mount(kind, where):
    os.makedirs(where, exist_ok=True)
    if libc.mount(kind.encode(), where.encode(), kind.encode(), 0, None):
        say(f"mount {kind}: {os.strerror(ctypes.get_errno())}")


def say(*words):
    print(*words, flush=True)


def result(mechanism, part, problem, words=""):
    say("vm:", mechanism, part, "FAILED" if problem else "ok", problem or words)


def loopback_up():
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP_RUNNING))


def run(command):
    """(exit status, output), which the console gets as well."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", timeout=PART_SECONDS, check=False)
        status, output = done.returncode, done.stdout
    except subprocess.TimeoutExpired as timeout:
        status, output = f"timeout after {PART_SECONDS} s", (timeout.output or b"").decode(errors="replace")
    say(output)
    return status, output


def doctor(mechanisms):
    status, output = run(["/vm/suture", "doctor", "--json"])
    findings = {finding["id"]: finding for finding in json.loads(output)}
    for mechanism in mechanisms:
        found = findings["hook.socket-io." + mechanism]["found"]
        result(mechanism, "doctor", "" if found.startswith("attached") else found, found)
    if not mechanisms:
        result("none", "doctor", "" if status == 2 else f"status {status}", findings["hook.socket-io"]["found"])


def kernel_tests(mechanism):
    suffix = mechanism.replace("-", "")
    chosen = ":".join(f"{test}/{suffix}" for test in TESTS)
    status, output = run(["/vm/kernel_test", "--gtest_brief=1", f"--gtest_filter={chosen}"])
    passed = re.search(r"\[  PASSED  \] (\d+) test", output)
    skipped = re.search(r"\[  SKIPPED \] (\d+) test", output)
    failed = re.findall(r"^\[  FAILED  \] (\S+?),? ", output, re.MULTILINE)
    if status or skipped or not passed or int(passed[1]) != len(TESTS):
        result(mechanism, "kernel", " ".join(sorted(set(failed))) or f"status {status}, not all of {len(TESTS)} tests ran")
    else:
        result(mechanism, "kernel", "", f"{passed[1]} tests")


def end_to_end(mechanism):
    for case in CASES:
        status, output = run([sys.executable, "-B", "/vm/e2e/run.py", case, "--hooks", mechanism, "--suture", "/vm/suture",
                              "--build", "/vm/programs"])
        lines = output.strip().split("\n")
        result(mechanism, case, f"status {status}: {lines[-1]}" if status else "", lines[-1])


def main(mechanisms):
    for kind, where in (("proc", "/proc"), ("sysfs", "/sys"), ("devtmpfs", "/dev"), ("tmpfs", "/tmp"), ("tmpfs", "/run"),
                        ("bpf", "/sys/fs/bpf"), ("tracefs", "/sys/kernel/tracing"), ("cgroup2", "/sys/fs/cgroup")):
        mount(kind, where)
    os.environ.update(PATH="/usr/bin:/bin", HOME="/root", TMPDIR="/tmp")
    loopback_up()
    say("vm: kernel", os.uname().release)
    doctor(mechanisms)
    for mechanism in mechanisms:
        kernel_tests(mechanism)
        end_to_end(mechanism)
    say("vm: done")


try:
    main(sys.argv[1:])
except Exception:
    traceback.print_exc()
finally:
    sys.stdout.flush()
    libc.reboot(RB_POWER_OFF)
