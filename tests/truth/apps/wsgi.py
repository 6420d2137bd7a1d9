"""A WSGI application for gunicorn, whose workers decide what a thread is. Calls go out on the handler's own (par: one each)."""

import threading
import time

import plan
from threads import call, call_all


def background():
    while True:
        time.sleep(plan.background_seconds())
        call(plan.background_url())


if plan.BACKGROUND:
    threading.Thread(target=background, daemon=True).start()


def application(environ, start_response):
    time.sleep(plan.work_seconds())
    call_all(*plan.calls(environ["PATH_INFO"]))
    time.sleep(plan.work_seconds())
    start_response("200 OK", [("Content-Length", "3")])
    return [b"ok\n"]
