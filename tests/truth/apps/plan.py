"""What a service of the bench does with a request, the same in every language; how it waits and calls is its own.

The environment: PORT to listen on, NEXT the bases to call, WORK_MS before and after the calls, HARD=1 for random work and
for calls left out, BACKGROUND=1 for calls of the service's own, POOL for a pool's size.
The path is /ROUTE/NUMBER: seq calls all of NEXT one after the other, par all at once, one only the first, none nobody.
Call k carries the number times 48271 to the k-th power, modulo 2^31 - 1.
"""

import os
import random

PORT = int(os.environ["PORT"])
NEXT = os.environ["NEXT"].split(",")
WORK_SECONDS = float(os.environ.get("WORK_MS", 0)) / 1000
HARD = os.environ.get("HARD") == "1"
BACKGROUND = os.environ.get("BACKGROUND") == "1"
POOL = int(os.environ.get("POOL", 0))


def work_seconds():
    return WORK_SECONDS * random.uniform(0.2, 1.8) if HARD else WORK_SECONDS


def calls(path):
    """(at once?, URLs) for a request."""
    _, route, number = path.split("/")
    number, urls = int(number), []
    for base in NEXT[:{"none": 0, "one": 1}.get(route)]:
        number = number * 48271 % (2**31 - 1)
        if not HARD or random.random() > 1 / 3:
            urls.append(f"{base}/r/{number}")
    return route == "par", urls


def background_seconds():
    return random.uniform(0.004, 0.012)


def background_url():
    """No number of a request, nor one derived from it, is as small."""
    return f"{NEXT[0]}/r/{random.randrange(1, 100_000)}"
