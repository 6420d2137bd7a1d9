"""Every way a message can say where it ends, and the ways a conversation can end before it does."""

from dataclasses import replace

from connection import Connection
from polling import wait_until
from request import Request
from runtimes import BACKENDS, start_backend, start_nginx, start_odd
from truth import Hop, has_begun

BEGIN_SECONDS = 10
BODIES = (b"", b"x", b"GET /fake HTTP/1.1\r\nHost: fake\r\n\r\n" * 50, b"0\r\n\r\n" * 2000)


def ordinary(scene):
    """What every server must get right, on one keep-alive connection."""
    path = lambda route: f"/{route}/{scene.unique()}"
    yield Request(path("r"))
    yield Request(path("chunked"))
    yield Request(path("r"), method="HEAD")
    yield Request(path("big"), method="HEAD")
    for code in (204, 304, 404, 500):
        yield Request(path(f"status/{code}"))
    for body in BODIES:
        yield Request(path("echo"), method="POST", body=body)
        yield Request(path("echo"), method="POST", body=body, chunked=True)
    yield Request(path("echo"), method="POST", body=b"waited for" * 100, expect=True)
    yield Request(path("echo"), method="POST", body=b"waited for" * 100, expect=True, chunked=True)
    yield Request(path("big"))
    yield Request(path("slow/30"))
    yield Request(path("close"))


def version_10(scene):
    yield Request(f"/r/{scene.unique()}", version="HTTP/1.0")


def odd_answers(scene):
    """One connection each: most of these end it."""
    for route in ("until-close", "interim", "trailers", "disguised", "early", "cut", "reset", "silent"):
        yield Request(f"/{route}/{scene.unique()}")
    yield Request(f"/early/{scene.unique()}", method="POST", body=b"unwanted" * 20)
    yield Request(f"/r/{scene.unique()}", method="BREW")


def run_odd(scene, odd):
    sent = []
    for request in odd_answers(scene):
        with Connection(odd.address) as connection:
            sent.append(connection.exchange(request))
    sent += [reset_before_answer(scene, odd), reset_within_answer(scene, odd), leave_upload(scene, odd),
             upgrade(scene, odd)]
    return sent


def reset_before_answer(scene, odd):
    connection = Connection(odd.address)
    request = Request(f"/wait/{scene.unique()}")
    connection.send(request)
    wait_until(lambda: has_begun(odd.log, request.path), BEGIN_SECONDS, "the request to be read")
    return connection.abandon()


def reset_within_answer(scene, odd):
    connection = Connection(odd.address, receive_buffer=1 << 16)
    connection.send(Request(f"/huge/{scene.unique()}"))
    connection.receive()
    return connection.abandon(connection.reader.status)


def leave_upload(scene, odd):
    """The client goes away within its own request."""
    connection = Connection(odd.address)
    request = Request(f"/r/{scene.unique()}", method="POST", fields=("Content-Length: 1000",))
    connection.send(replace(request, method="PUT"))
    connection.socket.sendall(b"only this")
    wait_until(lambda: has_begun(odd.log, request.path), BEGIN_SECONDS, "the head to be read")
    connection.close()
    return connection.end(None)


def upgrade(scene, odd):
    """After 101 nothing is HTTP, whatever it looks like."""
    with Connection(odd.address) as connection:
        end = connection.exchange(Request(f"/upgrade/{scene.unique()}",
                                          fields=("Connection: Upgrade", "Upgrade: echo")))
        for _ in range(3):
            message = f"GET /r/{scene.unique()} HTTP/1.1\r\nHost: not-http\r\n\r\n".encode()
            connection.socket.sendall(message)
            answer = b""
            while len(answer) < len(message):
                answer += connection.socket.recv(1 << 16)
    return end


def lenient(end):
    """Of a response that the client did not wait for, the server may or may not know that it failed."""
    return replace(end, error_matters=False) if "/huge/" in end.path or "/cut/" in end.path else end


def run(scene, argument):
    if argument == "odd":
        service = start_odd(scene)
    elif argument == "nginx":
        backend = start_backend(scene, "python")
        service = start_nginx(scene, backend)
    else:
        assert argument in BACKENDS
        service = start_backend(scene, argument)
    scene.start_agent()
    if argument == "odd":
        sent = run_odd(scene, service)
    else:
        with Connection(service.address) as connection:
            sent = [connection.exchange(request) for request in ordinary(scene)]
        for request in version_10(scene):
            with Connection(service.address) as connection:
                sent.append(connection.exchange(request))
    hops = [Hop(f"client -> {argument}", sent, [lenient(end) for end in service.served(len(sent))])]
    if argument == "nginx":
        hops.append(Hop("nginx -> python", service.outgoing().served(len(sent)), backend.served(len(sent))))
    scene.check(hops)
