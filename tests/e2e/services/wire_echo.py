"""Reads all that a client sends, up to its end, and answers by HTTP with just that. usage: wire_echo.py LOG HOST"""

import socket
import sys
import threading


def serve(sock):
    with sock:
        data = b""
        while more := sock.recv(1 << 20):
            data += more
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(data) + data)


with socket.create_server((sys.argv[2], 0), backlog=128) as listener:
    print("port", listener.getsockname()[1], flush=True)
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
