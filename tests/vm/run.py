#!/usr/bin/env python3
"""Does suture work under other kernels? For each: what attaches, as `suture doctor` finds it, and with each such mechanism the tests of
tests/kernel; then the cases of tests/e2e in which suture writes. Needs root and QEMU (scripts/setup vm); the kernels are fetched once. An
emulated processor is slow: some ten minutes a mechanism.

usage: run.py [--kernel 6.1|6.12|newest]... [--hooks MECHANISM]... [--filter SUITE.TEST] [--e2e CASE|writing]... BUILD

With --e2e it is these cases of tests/e2e alone, with the best mechanism there is, and what they print; `writing`: all that write. Cases
are small here, unless SUTURE_E2E_... variables say otherwise, which are handed on. With --filter it is the tests of tests/kernel alone.
"""

import argparse
import json
import os
import re
import shlex
import sys
from pathlib import Path

from debian_kernel import SUITES, fetch
from machine import boot

E2E = Path(__file__).resolve().parent.parent / "e2e"
sys.path += [str(E2E), str(E2E.parent / "truth")]
from install import Installer  # noqa: E402
from stories import PACKAGES  # noqa: E402

# What README says of these kernels.
ATTACH = {
    "6.1": {"fentry"},
    "6.12": {"fentry", "sock-length"},
    "newest": {"sendmsg-locked", "fentry", "sock-length", "sys-exit"},
}
# Unix sockets need a stack for each function, as 6.13 gives it, and 6.1 has no tracepoint at the end of a receive, as writing needs it.
LEFT_OUT = {"6.1": "Unix*:Trace*:Header*:Option*", "6.12": "UnixSockets.*", "newest": ""}
# Cases of tests/e2e that are about writing; nothing can be written on kernels whose tests of it are left out.
WRITING = ("propagate:off", "conformance", "propagate:python", "propagate:nginx", "propagate:node", "propagate:go", "propagate:java", "propagate:bytes",
           "propagate:bytes-tcp", "across-hosts:option", "across-hosts:option-nat", "across-hosts:option-loss", "across-hosts:renumbered")
CANNOT_WRITE = ("6.1",)
# A bound on time is a promise for real processors; whatever is said of bytes, resets and headers holds on all.
SMALL = {"SUTURE_E2E_PATIENCE": "5", "SUTURE_E2E_MESSAGES": "600", "SUTURE_E2E_KILLS": "1", "SUTURE_E2E_PROPAGATE_REQUESTS": "50", "SUTURE_E2E_EDGES": "100"}
DOCTOR_SECONDS, TESTS_SECONDS, CASE_SECONDS = 900, 3600, 900


def attached(kernel, build):
    outcome = boot(kernel, [str(build / "suture"), "doctor", "--json"], build, DOCTOR_SECONDS)
    if not outcome.stdout:
        raise RuntimeError(f"{kernel.release}: the machine said nothing\n{outcome.stderr}{outcome.console[-2000:]}")
    findings = {finding["id"]: finding for finding in json.loads(outcome.stdout)}
    prefix = "hook.socket-io."
    mechanisms = {name.removeprefix(prefix) for name, finding in findings.items() if name.startswith(prefix) and finding["state"] == "pass"}
    return mechanisms, findings["loopback"]["state"] == "pass"


def kernel_tests(kernel, build, mechanism, chosen):
    tests = f"{chosen}/{mechanism.replace('-', '')}:-{LEFT_OUT[kernel.name]}"
    command = ["env", f"SUTURE_KERNEL_TEST_HOOKS={mechanism}", str(build / "tests/kernel/kernel_test"), f"--gtest_filter={tests}"]
    outcome = boot(kernel, command, build, TESTS_SECONDS)
    passed = len(re.findall(r"^\[       OK \]", outcome.stdout, re.M))
    failed = sorted(set(re.findall(r"^\[  FAILED  \] (\S+?)(?:,| \()", outcome.stdout, re.M)))
    if outcome.status is None:
        failed.append(f"the machine ended: {outcome.console[-500:]}")
    elif outcome.status != 0 and not failed:
        failed.append(f"status {outcome.status}: {outcome.stderr[-500:]}")
    return passed, failed, outcome.stdout


def e2e_cases(kernel, build, words):
    """In one machine. `writing` is all of WRITING, where there is writing."""
    cases = [case for word in words for case in (WRITING if word == "writing" else (word,)) if kernel.name not in CANNOT_WRITE or case not in WRITING]
    if not cases:
        return True
    installer = Installer(build / "tests/e2e")  # in the machine there is no network
    installer.python(*PACKAGES)
    installer.debian("haproxy")
    told = {name: value for name, value in os.environ.items() if name.startswith("SUTURE_E2E_")}
    handed_on = [f"{name}={value}" for name, value in {**SMALL, **told}.items()]
    command = lambda case: shlex.join(["timeout", str(CASE_SECONDS), "env", *handed_on, sys.executable, "-B", str(E2E / "run.py"), case,
                                       "--suture", str(build / "suture"), "--build", str(build / "tests/e2e")])
    script = "exec 2>&1; " + "".join(f"echo; echo case {case}; {command(case)}; echo status $?; " for case in cases)
    outcome = boot(kernel, ["sh", "-c", script], build, CASE_SECONDS * len(cases))
    print(f"{kernel.release}:\n{outcome.stdout}" + (outcome.console[-2000:] if outcome.status is None else ""), flush=True)
    return re.findall(r"^status (\d+)$", outcome.stdout, re.M) == ["0"] * len(cases)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kernel", action="append", choices=SUITES)
    parser.add_argument("--hooks", action="append", help="only with these mechanisms")
    parser.add_argument("--e2e", action="append", metavar="CASE", default=[], help="cases of tests/e2e, instead of the tests of tests/kernel")
    parser.add_argument("--filter", default="*", help="which tests, as GoogleTest takes it, without the mechanism")
    parser.add_argument("--output", type=Path, help="folder for what the tests print")
    parser.add_argument("build", type=lambda path: Path(path).resolve())
    args = parser.parse_args()
    fine = True
    for name in args.kernel or SUITES:
        kernel = fetch(name)
        if args.e2e:
            fine &= e2e_cases(kernel, args.build, args.e2e)
            continue
        mechanisms, seen = attached(kernel, args.build)
        fine &= seen and mechanisms == ATTACH[name]
        print(f"{kernel.release}: {', '.join(sorted(mechanisms)) or 'nothing'} attached, a request on loopback {'seen' if seen else 'NOT SEEN'}"
              + ("" if mechanisms == ATTACH[name] else f"; expected {', '.join(sorted(ATTACH[name]))}"), flush=True)
        for mechanism in sorted(mechanisms & set(args.hooks or mechanisms)):
            passed, failed, text = kernel_tests(kernel, args.build, mechanism, args.filter)
            fine &= not failed and passed > 0
            print(f"{kernel.release} {mechanism}: {passed} tests passed" + "".join(f"\n  FAILED {one}" for one in failed), flush=True)
            if args.output:
                args.output.mkdir(parents=True, exist_ok=True)
                (args.output / f"{name}-{mechanism}.txt").write_text(text)
        if args.filter == "*" and not args.hooks:
            fine &= e2e_cases(kernel, args.build, ["writing"])
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
