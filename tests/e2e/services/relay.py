"""Calls others for each request it gets, one after the other. usage: relay.py LOG HOST [HOW=URL]...

Prints `port N`. HOW says what becomes of the request's trace context at that call; relay.js and relay.go know the same:
  pass  the same trace and a new parent, as an SDK does     drop      nothing
  restart  another trace                                    drop-old  drop for a path that begins with /old, else pass
"""

import http.client
import secrets
import sys
import threading
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

from service import Server

CALLS = [(how, urlsplit(url)) for how, _, url in (word.partition("=") for word in sys.argv[3:])]
local = threading.local()


def context_for(how, path, came):
    """The fields of a call."""
    if how == "drop-old":
        how = "drop" if path.startswith("/old") else "pass"
    if how == "restart":
        came = f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
    if how == "drop" or came is None:
        return {}
    version, trace, _, flags = came.split("-")
    return {"traceparent": f"{version}-{trace}-{secrets.token_hex(8)}-{flags}"}


def call(how, url, path, came):
    """Each thread has a connection of its own to everyone it calls."""
    connections = local.__dict__.setdefault("connections", {})
    connection = connections.setdefault(url.netloc, http.client.HTTPConnection(url.netloc))
    connection.request("GET", path, headers=context_for(how, path, came))
    connection.getresponse().read()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def do_GET(self):
        for how, url in CALLS:
            call(how, url, self.path, self.headers.get("traceparent"))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


if __name__ == "__main__":
    with Server((sys.argv[2], 0), Handler) as server:
        print("port", server.server_address[1], flush=True)
        server.serve_forever()
