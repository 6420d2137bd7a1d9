"""The shop: GET /checkout/<item> asks the cart and then the price list, one thread per connection.

PORT: where to listen. CART, PRICE: host:port of those services; one that is not set is not asked.
"""
import json
import os
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def ask(service, path):
    """The JSON answer of a service, or None where there is no such service."""
    address = os.environ.get(service)
    if not address:
        return None
    with urllib.request.urlopen(f"http://{address}{path}") as response:
        return json.load(response)


class Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # keep-alive
    disable_nagle_algorithm = True  # head and body are two sends: the second would wait 40 ms for a delayed ACK

    def do_GET(self):
        item = self.path.rpartition("/")[2]
        bill = {"cart": ask("CART", f"/cart/{item}"), "price": ask("PRICE", f"/price/{item}")}
        body = json.dumps(bill).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128  # the default of 5 refuses a burst of customers


Server(("127.0.0.1", int(os.environ["PORT"])), Shop).serve_forever()
