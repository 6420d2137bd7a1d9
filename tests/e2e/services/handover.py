"""A server of several processes. usage: handover.py LOG HOST inherited|passed

inherited: four children accept on the listening socket that they inherited.
passed: the parent accepts and answers the first request of each connection; after each answer the connection goes to
another of four children through a Unix socket, and back to the parent, which hands it on.
"""

import os
import select
import signal
import socket
import sys
import threading

CHILDREN = 4
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"
log = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND)


def answer_one(connection):
    """False: the client has closed."""
    head = b""
    while b"\r\n\r\n" not in head:
        data = connection.recv(65536)
        if not data:
            return False
        head += data
    method, path, _ = head.decode().split(" ", 2)
    os.write(log, f"{os.getpid()} {method} {path} 200\n".encode())
    connection.sendall(ANSWER)
    return True


def serve_all(connection):
    while answer_one(connection):
        pass
    connection.close()


def accept_forever(listener):
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve_all, args=(connection,), daemon=True).start()


def answer_and_return(channel):
    """A child: takes a connection, answers one request on it, gives it back; an empty message says it is over."""
    while True:
        _, descriptors, _, _ = socket.recv_fds(channel, 1, 1)
        if not descriptors:
            os._exit(0)
        with socket.socket(fileno=descriptors[0]) as connection:
            if answer_one(connection):
                socket.send_fds(channel, [b"c"], [connection.fileno()])
            else:
                channel.send(b"e")


def dispatch(listener, channels):
    """The parent: a connection that has something to read goes to itself first, then to each child in turn."""
    turns = {}  # connection: requests answered so far
    lent = set()
    while True:
        idle = [connection for connection in turns if connection not in lent]
        for ready in select.select([listener, *idle], [], [])[0]:
            if ready is listener:
                turns[listener.accept()[0]] = 0
                continue
            turn = turns.pop(ready)
            if turn % (CHILDREN + 1) == 0:
                if answer_one(ready):
                    turns[ready] = turn + 1
                else:
                    ready.close()
                continue
            channel = channels[turn % (CHILDREN + 1) - 1]
            socket.send_fds(channel, [b"c"], [ready.fileno()])
            ready.close()
            _, descriptors, _, _ = socket.recv_fds(channel, 1, 1)
            if descriptors:
                turns[socket.socket(fileno=descriptors[0])] = turn + 1


def fork_children(work):
    pids = []
    for i in range(CHILDREN):
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            work(i)
            os._exit(0)
        pids.append(pid)
    return pids


def main():
    listener = socket.create_server((sys.argv[2], 0), backlog=256)
    print("port", listener.getsockname()[1], flush=True)
    children = []

    def end(*_):
        for pid in children:
            os.kill(pid, signal.SIGTERM)
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    if sys.argv[3] == "inherited":
        children += fork_children(lambda _: accept_forever(listener))
        for pid in children:
            os.waitpid(pid, 0)
    else:
        pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(CHILDREN)]
        children += fork_children(lambda i: answer_and_return(pairs[i][1]))
        dispatch(listener, [pair[0] for pair in pairs])


if __name__ == "__main__":
    main()
