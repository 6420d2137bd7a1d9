"""What happened, as the programs themselves logged it. Spans are compared with this and with nothing else.

A log has one line per request: `pid method path status`. A status of `-` means that no final status crossed the wire.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class End:
    """One request at one end of a connection."""

    pid: int
    method: str
    path: str
    status: int | None
    error: bool | None = None  # must the span carry error.type? None: what follows from the status
    error_matters: bool = True

    def expects_error(self, kind):
        """Semantic conventions: no response or 5xx is an error at both ends, 4xx only for the client."""
        if self.error is not None:
            return self.error
        return self.status is None or self.status >= (400 if kind == "client" else 500)


@dataclass
class Hop:
    """The requests that went from one program to another. Either list may be empty: that end was out of sight.

    `ordered`: as in compare(), for this hop."""

    name: str
    client: list[End] = field(default_factory=list)
    server: list[End] = field(default_factory=list)
    ordered: bool = True


def parse_status(text):
    return None if text == "-" else int(text)


def read_log(path, status_column=3):
    """The finished requests of a log. A line that is being written has no newline yet and is left out."""
    ends = []
    for line in path.read_text().split("\n")[:-1]:
        words = line.split()
        if len(words) > status_column and words[status_column] != "begun":
            ends.append(End(int(words[0]), words[1], words[2], parse_status(words[status_column])))
    return ends


def has_begun(path, target):
    """Whether a service has read the request for `target`, answered or not."""
    return any(target in line.split() for line in path.read_text().split("\n")[:-1])
