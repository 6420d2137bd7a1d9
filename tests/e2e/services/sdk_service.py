"""A Flask service with the SDK. Of each request it writes one log record, the path. usage: sdk_service.py LOG HOST ENDPOINT [LOG_ENDPOINT]

Where the path says so it asks others, see onward.py."""

import logging
import sys
import time

import requests
from flask import Flask, request
from opentelemetry import trace
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from werkzeug.serving import make_server

import sdk
from onward import onward

sdk.set_up("service", *sys.argv[3:])
app = Flask(__name__)
FlaskInstrumentor().instrument_app(app)
RequestsInstrumentor().instrument()


@app.route("/<path:path>")
def answer(path):
    with trace.get_tracer("service").start_as_current_span("work on " + path):
        logging.getLogger("orders").info(request.path)
        if target := onward(request.path):
            requests.get("http://{}:{}{}".format(sys.argv[2], *target), timeout=60).raise_for_status()
        time.sleep(0.005)
    return "ok\n"


logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = make_server(sys.argv[2], 0, app, threaded=True)
print("port", server.server_port, flush=True)
server.serve_forever()
