"""Sends back what it receives, whatever it is. usage: echo.py LOG [HOST]"""

import socket
import sys
import threading


def echo(connection):
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection:
        while data := connection.recv(1 << 16):
            connection.sendall(data)


def main():
    with socket.create_server((sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1", 0), backlog=64) as listener:
        print("port", listener.getsockname()[1], flush=True)
        while True:
            threading.Thread(target=echo, args=(listener.accept()[0],), daemon=True).start()


if __name__ == "__main__":
    main()
