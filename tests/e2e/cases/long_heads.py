"""Heads of 12 KiB are whole; heads of 20 KiB, beyond what leaves the kernel, are truncated and still give spans."""

from load import run_load
from request import AtRandom, Request, padding, whole
from runtimes import start_nginx, start_odd
from truth import Hop

WHOLE, TOO_LONG = 12 << 10, 20 << 10
CONNECTIONS = 4
REQUESTS = 40


def run(scene, _):
    odd, nginx = start_odd(scene), start_nginx(scene)
    scene.start_agent()
    hops, truncated = [], set()
    for service in (odd, nginx):
        sent = []
        for size in (WHOLE, TOO_LONG):
            for cut in (whole, AtRandom()):
                # Every second request is short: what follows a long head must be found again.
                requests = [Request(f"/r/{scene.unique()}", fields=padding(size) if i // CONNECTIONS % 2 else ())
                            for i in range(REQUESTS)]
                sent += run_load(service.address, requests, CONNECTIONS, cut=cut)
                truncated |= {request.path for request in requests if len(request.head()) > TOO_LONG}
        hops.append(Hop(f"client -> {service.name}", sent, service.served(len(sent))))
    spans = scene.check(hops)
    scene.fail_if([f"truncated is {span.attributes.get('suture.head.truncated')}: {span}" for span in spans
                   if scene.token in span.path
                   and (span.path in truncated) != bool(span.attributes.get("suture.head.truncated"))])
