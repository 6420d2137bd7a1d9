"""A small HTTP/1.1 service on Python's own threaded server. usage: service.py LOG [HOST | unix:PATH]

Prints `port N` (0 for a Unix socket), then answers the routes that all services of this folder know:
  /r/<n>  /chunked/<n>  /big/<n>  /status/<code>/<n>  /close/<n>  /slow/<ms>/<n>, and echoes the body of a POST.
"""

import os
import socket
import socketserver
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BIG = b"b" * (1 << 20)
log = open(sys.argv[1], "a", buffering=1)
log_lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two writes: Nagle would hold the second for 40 ms

    def log_message(self, *_):
        pass

    def read_body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline() not in (b"\r\n", b"\n", b""):
            pass
        return body

    def answer(self):
        request_body = self.read_body()
        words = self.path.split("/")
        status, body = 200, b"ok\n"
        if self.command == "POST":
            body = request_body
        elif words[1] == "big":
            body = BIG
        elif words[1] == "status":
            status = int(words[2])
        elif words[1] == "slow":
            time.sleep(int(words[2]) / 1000)
        with log_lock:
            log.write(f"{os.getpid()} {self.command} {self.path} {status}\n")
        self.send_response(status)
        if words[1] == "close":
            self.send_header("Connection", "close")
        if status in (204, 304):
            self.end_headers()
        elif words[1] == "chunked":
            self.send_chunked()
        else:
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    def send_chunked(self):
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if self.command != "HEAD":
            for piece in (b"one", b"two" * 400, b"three"):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = answer


class Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True


class UnixServer(Server):
    address_family = socket.AF_UNIX
    server_bind = socketserver.TCPServer.server_bind  # HTTPServer's wants host and port


def make_server(host):
    if host.startswith("unix:"):
        Handler.disable_nagle_algorithm = False
        return UnixServer(host.removeprefix("unix:"), Handler)
    Server.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return Server((host, 0), Handler)


if __name__ == "__main__":
    with make_server(sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1") as server:
        print("port", 0 if server.address_family == socket.AF_UNIX else server.server_address[1], flush=True)
        server.serve_forever()
