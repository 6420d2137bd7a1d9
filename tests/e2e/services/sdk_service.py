"""A Flask service with the SDK. Of each request it writes one log record, the path. usage: sdk_service.py LOG HOST ENDPOINT"""

import logging
import sys
import time

from flask import Flask, request
from opentelemetry import trace
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from werkzeug.serving import make_server

import sdk

sdk.set_up("service", sys.argv[3])
app = Flask(__name__)
FlaskInstrumentor().instrument_app(app)


@app.route("/<path:path>")
def answer(path):
    with trace.get_tracer("service").start_as_current_span("work on " + path):
        logging.getLogger("orders").info(request.path)
        time.sleep(0.005)
    return "ok\n"


logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = make_server(sys.argv[2], 0, app, threaded=True)
print("port", server.server_port, flush=True)
server.serve_forever()
