"""BpfObjects: which programs, maps, links and pins of ours the kernel holds, before, during and after an agent."""

import json
import os
import subprocess
from pathlib import Path

PATH = "/usr/sbin:/sbin:/usr/local/sbin:/usr/bin:/bin"
KINDS = ("prog", "map", "link")
PINS = Path("/sys/fs/bpf")
NAME = "suture"


def show(kind):
    """{id: object} of all that the kernel holds."""
    done = subprocess.run(["bpftool", "--json", kind, "show"], env={"PATH": PATH}, capture_output=True, text=True)
    # A list during which an object went away ends in an error object; the caller asks again.
    objects = json.loads(done.stdout or "[]")
    return {o["id"]: o for o in objects if "id" in o} if isinstance(objects, list) else {}


def pins():
    return {str(path) for path in PINS.rglob("*")} if PINS.is_dir() else set()


def fdinfo_of(pid):
    """The fdinfo of each descriptor, as fields. A process that is gone, or not ours to see, has none."""
    try:
        files = list(Path(f"/proc/{pid}/fdinfo").iterdir())
    except OSError:
        return
    for file in files:
        try:
            lines = file.read_text().splitlines()
        except OSError:  # closed meanwhile
            continue
        yield dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def held_by(pid):
    """{kind: ids} that a process holds descriptors of. A link's fdinfo names its program too."""
    held = {kind: set() for kind in KINDS}
    for fields in fdinfo_of(pid):
        for kind in KINDS:
            if kind + "_id" in fields:
                held[kind].add(int(fields[kind + "_id"]))
    return held


def held_by_anyone():
    """{kind: ids} that any living process holds."""
    held = {kind: set() for kind in KINDS}
    for name in os.listdir("/proc"):
        if name.isdigit():
            for kind, ids in held_by(name).items():
                held[kind] |= ids
    return held


class BpfObjects:
    """Take one before the agent starts; observe() while it runs; left() after its end."""

    def __init__(self):
        self.before = {kind: set(show(kind)) for kind in KINDS}
        self.pins_before = pins()
        self.seen = {kind: set() for kind in KINDS}

    def observe(self, pid):
        """How many objects the agent holds now."""
        held = held_by(pid)
        for kind in KINDS:
            self.seen[kind] |= held[kind]
        return sum(len(ids) for ids in held.values())

    def left(self):
        """What is new since `before` and ours, as sentences: seen in the agent, or named like ours and nobody's."""
        held = held_by_anyone()

        def ours(kind, number, thing):
            if number in self.seen[kind]:
                return True
            return thing.get("name", "").startswith(NAME) and number not in held[kind]

        found = [f"{kind} {number} {thing.get('name', '')}" for kind in KINDS for number, thing in show(kind).items()
                 if number not in self.before[kind] and ours(kind, number, thing)]
        return found + [f"pin {path}" for path in pins() - self.pins_before if NAME in path]
