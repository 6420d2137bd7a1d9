"""A service that drops the trace context: for GET /x it asks its upstream for the same path. usage: gap.py LOG HOST [UPSTREAM_PORT]

Without a port the path says whom to ask, see onward.py."""

import http.client
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from onward import onward

UPSTREAM = int(sys.argv[3]) if len(sys.argv) > 3 else None


def ask(host, port, path):
    upstream = http.client.HTTPConnection(host, port)
    upstream.request("GET", path)
    answer = upstream.getresponse()
    body = answer.read()
    upstream.close()
    return answer.status, body


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def do_GET(self):
        target = (UPSTREAM, self.path) if UPSTREAM else onward(self.path)
        status, body = ask(sys.argv[2], *target) if target else (200, b"ok\n")
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    request_queue_size = 128


if __name__ == "__main__":
    with Server((sys.argv[2], 0), Handler) as server:
        print("port", server.server_address[1], flush=True)
        server.serve_forever()
