"""Sets OpenTelemetry's Python SDK up: spans and log records go to an endpoint by OTLP/HTTP, in batches as by default."""

import logging

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor


def set_up(service, endpoint, log_endpoint=None, sampler=None):
    """Returns what is to be called at the end."""
    resource = Resource.create({"service.name": service})
    spans = TracerProvider(sampler, resource)
    spans.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint + "/v1/traces")))
    trace.set_tracer_provider(spans)
    logs = LoggerProvider(resource=resource)
    logs.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(endpoint=(log_endpoint or endpoint) + "/v1/logs")))
    logger = logging.getLogger("orders")
    logger.setLevel(logging.INFO)
    logger.addHandler(LoggingHandler(logger_provider=logs))

    def shut_down():
        spans.shutdown()
        logs.shutdown()

    return shut_down
