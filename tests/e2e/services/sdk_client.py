"""Sends requests, each in a trace of the SDK's own. usage: sdk_client.py ENDPOINT URL PREFIX COUNT IN_FLIGHT

Request number i is GET URL/PREFIX-i, inside a root span of that name; its trace's tracestate is shop=PREFIX-i."""

import sys
from concurrent.futures import ThreadPoolExecutor

import requests
from opentelemetry import trace
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.sdk.trace.sampling import Decision, ParentBased, Sampler, SamplingResult
from opentelemetry.trace import TraceState

import sdk


class Stateful(Sampler):
    """Of roots; what is below takes the state over."""

    def should_sample(self, parent_context, trace_id, name, *_, **__):
        return SamplingResult(Decision.RECORD_AND_SAMPLE, trace_state=TraceState([("shop", name)]))

    def get_description(self):
        return "Stateful"


endpoint, url, prefix, count, in_flight = sys.argv[1:]
shut_down = sdk.set_up("client", endpoint, sampler=ParentBased(Stateful()))
RequestsInstrumentor().instrument()


def send(number):
    with trace.get_tracer("client").start_as_current_span(f"{prefix}-{number}"):
        requests.get(f"{url}/{prefix}-{number}", timeout=60).raise_for_status()


with ThreadPoolExecutor(int(in_flight)) as pool:
    list(pool.map(send, range(int(count))))
shut_down()
