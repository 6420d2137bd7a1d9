"""A service that drops the trace context: for GET /x it asks its upstream for the same path. usage: gap.py LOG HOST UPSTREAM_PORT"""

import http.client
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

UPSTREAM = int(sys.argv[3])


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def do_GET(self):
        upstream = http.client.HTTPConnection(sys.argv[2], UPSTREAM)
        upstream.request("GET", self.path)
        answer = upstream.getresponse()
        body = answer.read()
        upstream.close()
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    request_queue_size = 128


if __name__ == "__main__":
    with Server((sys.argv[2], 0), Handler) as server:
        print("port", server.server_address[1], flush=True)
        server.serve_forever()
