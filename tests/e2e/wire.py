"""Wire: messages of all kinds, sent by a service of our own and through proxies, and whether just those bytes arrived (native/wire.h)."""

import collections
import json
import os
import statistics
import sys
from pathlib import Path

from polling import wait_until
from runtimes import start, start_haproxy, start_nginx

sys.path.append(str(Path(__file__).resolve().parent.parent / "truth"))
from install import Installer  # noqa: E402

HOST = "127.0.0.1"
SECONDS = 1800
RATE = int(os.environ.get("SUTURE_E2E_MESSAGES_PER_SECOND", 3000))
# By route: which share of the messages takes it, and how many do at once.
ROUTES = {"raw": (0.8, 16), "nginx": (0.1, 4), "haproxy": (0.1, 4)}
# Bodies that are larger than its buffer nginx keeps in a file, and sends from there by sendfile.
NGINX = "location / {{ proxy_pass http://{}:{}; proxy_http_version 1.1; proxy_set_header Host $http_host; }}"


class Wire:
    def __init__(self, scene):
        self.scene, self.next, self.results = scene, dict.fromkeys(ROUTES, 0), collections.defaultdict(list)
        self.learned = {route: scene.file("learned") for route in ROUTES}
        serve = lambda program, *words, **more: start(scene, program, [scene.tool(program), HOST, *words], scene.file("log"), HOST, **more)
        mirror = serve("wire_mirror")
        self.at = {"raw": serve("wire_writer", serve("wire_echo").address[1], environment={"OTEL_SERVICE_NAME": "writer"}),
                   "nginx": start_nginx(scene, locations=NGINX.format(*mirror.address)),
                   "haproxy": start_haproxy(scene, Installer(scene.build), mirror)}

    def begin(self, route, count):
        output = self.scene.file("driver.out")
        share, at_once = ROUTES[route]
        words = ["asked" if route == "raw" else "proxied", *self.at[route].address, self.next[route], count, at_once, max(1, round(share * RATE))]
        self.next[route] += count
        with open(output, "wb") as out:
            process = self.scene.spawn([self.scene.tool("wire_driver"), *words, self.learned[route]], stdout=out, stderr=out)
        return route, process, output

    def end(self, begun, when):
        route, process, output = begun
        process.wait(SECONDS)
        self.scene.fail_if([output.read_text()] if process.returncode else [])
        self.results[route, when].append(json.loads(output.read_text().splitlines()[-1]))

    def send(self, count, when, half_way=lambda: None):
        """By all routes at once; `half_way()` is called while they are under way. `when` is what they are reported as."""
        begun = [self.begin(route, max(1, round(share * count))) for route, (share, _) in ROUTES.items()]
        wait_until(lambda: any(output.read_text().startswith("half") for *_, output in begun), SECONDS, "half of the messages")
        half_way()
        for one in begun:
            self.end(one, when)

    @property
    def problems(self):
        return [f"{route} {when}: {text}" for (route, when), results in self.results.items() for result in results for text in result["problems"]]

    @property
    def inserted(self):
        """Headers, by route and kind of message."""
        total = collections.Counter()
        for (route, _), results in self.results.items():
            for result in results:
                total.update({f"{route} {kind}": count for kind, count in result["inserted"].items()})
        return total

    def report(self):
        for (route, when), results in self.results.items():
            total = lambda name: sum(result[name] for result in results)
            typical = lambda name: statistics.median(result[name] for result in results) / 1000
            if when == "first":
                continue
            longest, kind = max((ms, kind) for result in results for kind, ms in result["longest_ms"].items())
            yield (f"{route} {when}: {total('messages')} messages in {total('seconds'):.0f} s, {sum(sum(result['inserted'].values()) for result in results)} headers, "
                   f"p50 {typical('p50_us'):.2f} ms, p99 {typical('p99_us'):.2f} ms, longest {longest:.0f} ms ({kind}), "
                   f"{total('over_50_ms')} over 50 ms; without waits for a CPU longest {max(result['longest_stall_ms'] for result in results):.0f} ms, "
                   f"{total('stalls')} over 50 ms; {total('problem_count')} problems")
        yield f"headers inserted: {dict(self.inserted)}"
