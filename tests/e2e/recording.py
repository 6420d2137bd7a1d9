"""Reads what a test compares of a raw recording (agent/recording/recording.proto): connections and their bytes."""

from collections import defaultdict
from dataclasses import dataclass, field

MAGIC = b"suture recording\n"
DATA, CONNECTION = 2, 3  # of Record
RECEIVE, SEND = 0, 1
SEQUENCE = 1 << 32


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def fields(data):
    """The fields of one protobuf message by number; of repeated ones the last."""
    out, at = {}, 0
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 0:
            out[key >> 3], at = varint(data, at)
        else:
            if kind == 2:
                size, at = varint(data, at)
            else:
                size = {1: 8, 5: 4}[kind]
            value = data[at:at + size]
            out[key >> 3] = value if kind == 2 else int.from_bytes(value, "little")
            at += size
    return out


@dataclass
class RecordedEnd:
    """One end of a connection. `pieces`: by direction, (position in the stream, bytes) in the order of the events."""

    local_port: int = 0
    remote_port: int = 0
    first: dict = field(default_factory=dict)  # sequence number of each direction's first byte
    pieces: dict = field(default_factory=lambda: {RECEIVE: [], SEND: []})


def read_recording(path):
    """The ends of connections that the recording names, with what was copied of their bytes."""
    data = path.read_bytes()
    if not data.startswith(MAGIC):
        raise ValueError(f"{path} is no recording")
    ends, at = defaultdict(RecordedEnd), len(MAGIC)
    while at < len(data):
        size, at = varint(data, at)
        record = fields(data[at:at + size])
        at += size
        if CONNECTION in record:
            event = fields(record[CONNECTION])
            end = ends[event[2]]
            end.local_port, end.remote_port = event[15], event[16]
            if event.get(22):
                end.first = {SEND: event[5] + 1, RECEIVE: event[6] + 1}
        elif DATA in record:
            event = fields(record[DATA])
            end = ends[event[2]]
            direction = event.get(8, RECEIVE)
            position = (event[5] - end.first[direction]) % SEQUENCE
            end.pieces[direction].append((position, event.get(10, b"")))
    return list(ends.values())
