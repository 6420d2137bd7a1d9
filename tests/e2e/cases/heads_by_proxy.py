"""Recorded heads are compared with the byte log of a proxy in between, not with what anybody meant to send."""

from connection import Connection
from recording import RECEIVE, SEND, read_recording
from request import Request, TwoPieces, every_byte, padding, whole
from runtimes import start_backend, start_script
from scene import Failure


def requests(scene):
    path = lambda route: f"/{route}/{scene.unique()}"
    for size in (0, 500, 3000, 12_000):
        yield Request(path("r"), fields=padding(size))
    yield Request(path("echo"), method="POST", body=b"b" * 5000)
    yield Request(path("status/404"))
    yield Request(path("r"), fields=("Cookie: secret", "traceparent: 00-" + "1" * 32 + "-" + "2" * 16 + "-01"))


def heads(stream):
    """(position, bytes) of each head of a stream whose bodies all have a Content-Length."""
    out, at = [], 0
    while at < len(stream):
        end = stream.index(b"\r\n\r\n", at) + 4
        out.append((at, stream[at:end]))
        lengths = [line.split(b":")[1] for line in stream[at:end].split(b"\r\n") if line.lower().startswith(b"content-length:")]
        at = end + (int(lengths[0]) if lengths else 0)
    return out


def check_direction(name, stream, pieces):
    """All that was recorded stands at its place in the stream, and every head is there whole."""
    seen = bytearray(len(stream))
    for position, data in pieces:
        if stream[position:position + len(data)] != data:
            yield f"{name}: {data[:60]!r} is not what the proxy has at byte {position}"
        seen[position:position + len(data)] = b"\1" * len(data)
    for position, head in heads(stream):
        if not all(seen[position:position + len(head)]):
            yield f"{name}: not all of the head at byte {position}: {head[:60]!r}"


def run(scene, _):
    service = start_backend(scene, "python")
    proxy = start_script(scene, "proxy.py", "127.0.0.1", service.address[1], scene.directory)
    recording = scene.directory / "recording"
    agent = scene.start_agent("--record", recording, "--raw")
    sent = 0
    for cut in (whole, TwoPieces(), every_byte):
        with Connection(proxy.address) as connection:
            sent += len([connection.exchange(request, cut) for request in requests(scene)])
    service.served(sent)
    agent.stop()

    problems, compared = list(agent.problems), 0
    by_ports = {(end.local_port, end.remote_port): end for end in read_recording(recording)}
    for up in sorted(scene.directory.glob("*-*.up")):
        client_port, own_port = map(int, up.stem.split("-"))
        streams = {"up": up.read_bytes(), "down": up.with_suffix(".down").read_bytes()}
        for name, ports, sends in (("client", (client_port, proxy.address[1]), "up"),
                                   ("proxy from client", (proxy.address[1], client_port), "down"),
                                   ("proxy to service", (own_port, service.address[1]), "up"),
                                   ("service", (service.address[1], own_port), "down")):
            if ports not in by_ports:
                raise Failure(f"{name}: no connection {ports} was recorded")
            receives = "down" if sends == "up" else "up"
            for direction, stream in ((SEND, sends), (RECEIVE, receives)):
                problems += check_direction(f"{name} {stream}", streams[stream], by_ports[ports].pieces[direction])
                compared += len(heads(streams[stream]))
    if compared != 8 * sent:  # at four ends, requests and responses
        problems.append(f"{compared} heads compared, of {8 * sent}")
    print(f"{compared} heads compared with the proxy's log, {len(problems)} problems")
    scene.fail_if(problems)
