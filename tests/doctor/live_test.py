#!/usr/bin/env python3
"""suture doctor on this kernel.   live_test.py AGENT root|nobody|bpf-only

Each case runs the agent as that user and holds its exit code and findings against what they must be. Needs root.
"""
import http.server
import json
import os
import subprocess
import sys
import threading

SKIP = 77
NOBODY = 65534
DEADLINE_S = 60  # takes 3 s; a loaded test host may need more


class Backend(http.server.BaseHTTPRequestHandler):
    """Takes OTLP/HTTP requests and keeps what they were."""

    requests = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.requests.append((self.path, self.headers["Content-Type"], self.headers["Content-Encoding"], body))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


def doctor(binary, *arguments, capabilities=None):
    """Runs it as root, or as nobody with `capabilities`. Returns exit code, findings by id, and its words."""
    # Opened here and run through the descriptor: a build tree may be closed to other users.
    fd = os.open(binary, os.O_RDONLY)
    command = [f"/proc/self/fd/{fd}", "doctor", "--json", *arguments]
    if capabilities is not None:
        listed = ",".join(["-all", *("+" + name for name in capabilities)])
        command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs",
                   f"--bounding-set={listed}", f"--inh-caps={listed}", f"--ambient-caps={listed}", *command]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "SUTURE_"))}
    ended = subprocess.run(command, pass_fds=[fd], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                           timeout=DEADLINE_S, env=environment)
    os.close(fd)
    print(ended.stdout, ended.stderr, f"exit code {ended.returncode}", sep="")
    findings = json.loads(ended.stdout)
    by_id = {finding["id"]: finding for finding in findings}
    assert len(by_id) == len(findings), "an id occurs twice"
    return ended.returncode, by_id, ended.stderr


def as_root(binary):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Backend)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    code, findings, _ = doctor(binary, "--otlp", f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    assert code in (0, 1), code
    assert findings["loopback"]["state"] == "pass", findings["loopback"]
    assert findings["hook.socket-io"]["state"] == "pass", findings["hook.socket-io"]
    assert findings["otlp"]["state"] == "pass", findings["otlp"]
    assert Backend.requests == [("/v1/traces", "application/x-protobuf", None, b"")], Backend.requests


def as_nobody(binary):
    code, findings, words = doctor(binary, capabilities=[])
    assert code == 2, code
    assert "not permitted: attaching to the kernel needs CAP_BPF and CAP_PERFMON. Run as root" in words, words
    for name in ("CAP_BPF", "CAP_PERFMON"):
        assert findings[f"capability.{name}"]["state"] == "fail", findings[f"capability.{name}"]
    assert findings["loopback"]["state"] == "skip", findings["loopback"]
    # The other checks still tell what they can.
    assert findings["kernel.version"]["state"] == "pass", findings["kernel.version"]


def with_bpf_only(binary):
    """What it names as necessary is all that is."""
    code, findings, words = doctor(binary, capabilities=["bpf", "perfmon"])
    assert code == 1, code
    assert "not permitted" not in words, words
    assert findings["loopback"]["state"] == "pass", findings["loopback"]
    assert findings["capability.CAP_SYS_PTRACE"]["state"] == "warn", findings["capability.CAP_SYS_PTRACE"]


def main():
    binary, who = sys.argv[1:]
    if os.geteuid() != 0:
        print("skipped: attaching, and becoming another user, need root")
        sys.exit(SKIP)
    {"root": as_root, "nobody": as_nobody, "bpf-only": with_bpf_only}[who](binary)


main()
