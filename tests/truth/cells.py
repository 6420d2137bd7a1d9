"""Cell: one runtime under one load. Its name is RUNTIME/SHAPE/wWORK_MS/IN_FLIGHT, for example go/seq/w5/16."""

from dataclasses import dataclass

COLD_REQUESTS = 200  # the first ones of a process are scored apart
LINKS = 2000         # true links of a cell in a full run, after the cold ones
QUICK_LINKS = 300
SECONDS_AROUND = 4   # to start and end service and agent
DOWNSTREAM_MS = (1, 6)
THINK_MS = 2
CPU_MS = 1.5         # of a request on two cores with all that serves it, to tell the time a cell takes


@dataclass(frozen=True)
class Shape:
    routes: str
    calls: float  # per request, on average
    hard: bool = False
    background: bool = False


SHAPES = {
    "seq": Shape("seq", 2),
    "par": Shape("par", 2),
    "hard-seq": Shape("seq", 4 / 3, hard=True),
    "hard-par": Shape("par", 4 / 3, hard=True),
    "mixed": Shape("seq,par,one,none", 5 / 4),
    "background": Shape("seq", 2, background=True),
    "pass": Shape("one", 1),  # a proxy passes everything on
}
REGULAR = [(shape, work, flight) for shape in ("seq", "par") for work in (0, 5) for flight in (1, 4, 16, 64)]
IRREGULAR = [(shape, 5, flight) for shape in ("hard-seq", "hard-par", "mixed", "background") for flight in (4, 16, 64)]
SERVICE_GRID = tuple(REGULAR + IRREGULAR)
PROXY_GRID = tuple(("pass", 0, flight) for flight in (1, 4, 16, 64))


@dataclass(frozen=True)
class Cell:
    runtime: str
    shape_name: str
    work_ms: int
    in_flight: int

    @property
    def shape(self):
        return SHAPES[self.shape_name]

    def __str__(self):
        return f"{self.runtime}/{self.shape_name}/w{self.work_ms}/{self.in_flight}"

    def requests(self, links, processes=1):
        return COLD_REQUESTS * processes + round(links / self.shape.calls)

    def seconds(self, links):
        """About how long it takes, on two cores that have nothing else to do."""
        calls = 1 if "par" in self.shape_name else self.shape.calls
        latency = 2 * self.work_ms + calls * (sum(DOWNSTREAM_MS) / 2 + 0.5) + THINK_MS / 2
        return SECONDS_AROUND + self.requests(links) * max(latency / self.in_flight, CPU_MS) / 1000


def parse(name):
    """Raises ValueError if it is no cell's name."""
    runtime, shape, work, in_flight = name.split("/")
    if shape not in SHAPES or not work.startswith("w"):
        raise ValueError(f"{name}: a cell is RUNTIME/{'|'.join(SHAPES)}/wWORK_MS/IN_FLIGHT")
    return Cell(runtime, shape, int(work[1:]), int(in_flight))
