"""A thread per connection. Calls go out on the handler's thread (par: a thread each), or, with POOL, on a pool's."""

import http.client
import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import plan

pool = ThreadPoolExecutor(plan.POOL) if plan.POOL else None
idle = {urlsplit(base).netloc: queue.LifoQueue() for base in plan.NEXT}


def call(url):
    """On one of the connections that all threads share."""
    parts = urlsplit(url)
    try:
        connection = idle[parts.netloc].get_nowait()
    except queue.Empty:
        connection = http.client.HTTPConnection(parts.netloc)
    connection.request("GET", parts.path)
    connection.getresponse().read()
    idle[parts.netloc].put(connection)


def call_all(at_once, urls):
    if pool and at_once:
        list(pool.map(call, urls))
    elif pool:
        for url in urls:
            pool.submit(call, url).result()
    elif at_once:
        threads = [threading.Thread(target=call, args=(url,)) for url in urls]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    else:
        for url in urls:
            call(url)


def background():
    while True:
        time.sleep(plan.background_seconds())
        if pool:
            pool.submit(call, plan.background_url())
        else:
            call(plan.background_url())


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        time.sleep(plan.work_seconds())
        call_all(*plan.calls(self.path))
        time.sleep(plan.work_seconds())
        self.send_response(200)
        self.send_header("Content-Length", "3")
        self.end_headers()
        self.wfile.write(b"ok\n")

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 1024


if __name__ == "__main__":
    if plan.BACKGROUND:
        threading.Thread(target=background, daemon=True).start()
    Server(("127.0.0.1", plan.PORT), Handler).serve_forever()
