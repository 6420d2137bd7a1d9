"""A TCP proxy that logs every byte it forwards. usage: proxy.py LOG HOST UPSTREAM_PORT DIRECTORY

Knows nothing of messages. For each connection DIRECTORY gets `CLIENT_PORT-OWN_PORT.up` and `.down`: all that the client, and
all that the upstream sent, written before it is forwarded. LOG stays empty.
"""

import socket
import sys
import threading
from pathlib import Path

READ_BYTES = 1 << 16


def forward(source, target, log):
    with open(log, "wb", buffering=0) as out:
        while data := source.recv(READ_BYTES):
            out.write(data)
            target.sendall(data)
    target.shutdown(socket.SHUT_WR)


def serve(client, client_port, upstream_address, directory):
    with client, socket.create_connection(upstream_address) as upstream:
        for end in (client, upstream):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        name = str(directory / f"{client_port}-{upstream.getsockname()[1]}")
        down = threading.Thread(target=forward, args=(upstream, client, name + ".down"))
        down.start()
        forward(client, upstream, name + ".up")
        down.join()


def main():
    host, upstream_port, directory = sys.argv[2], int(sys.argv[3]), Path(sys.argv[4])
    with socket.create_server((host, 0), backlog=64) as listener:
        print("port", listener.getsockname()[1], flush=True)
        while True:
            client, peer = listener.accept()
            threading.Thread(target=serve, args=(client, peer[1], (host, upstream_port), directory), daemon=True).start()


if __name__ == "__main__":
    main()
