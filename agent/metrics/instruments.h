#pragma once
// Every metric that suture exports; docs/metrics.md lists the same for people. Names, units and boundaries are those of
// OpenTelemetry's semantic conventions v1.44.0 (docs/http/http-metrics.md, docs/otel/sdk-metrics.md) and of Tempo's service
// graphs; our own carry the prefix "suture.".

#include <array>

#include "metrics/instrument.h"

namespace suture {

/// Seconds, as the conventions advise for durations of HTTP requests.
inline constexpr Bounds kSeconds = {0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10};

/// Bytes: the conventions advise none. Four of a bucket are one of the next; 0 is for messages without a body.
inline constexpr Bounds kBytes = {0, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864, 268435456, 1073741824};

namespace instruments {

using enum InstrumentKind;

// Of an observed service.
inline constexpr Instrument kServerDuration{"http.server.request.duration", "s", "Duration of HTTP server requests.", Histogram, &kSeconds};
inline constexpr Instrument kClientDuration{"http.client.request.duration", "s", "Duration of HTTP client requests.", Histogram, &kSeconds};
inline constexpr Instrument kServerRequestBody{"http.server.request.body.size", "By", "Size of HTTP server request bodies.", Histogram, &kBytes};
inline constexpr Instrument kServerResponseBody{"http.server.response.body.size", "By", "Size of HTTP server response bodies.", Histogram, &kBytes};
inline constexpr Instrument kClientRequestBody{"http.client.request.body.size", "By", "Size of HTTP client request bodies.", Histogram, &kBytes};
inline constexpr Instrument kClientResponseBody{"http.client.response.body.size", "By", "Size of HTTP client response bodies.", Histogram, &kBytes};
inline constexpr Instrument kServerActive{"http.server.active_requests", "{request}", "Number of active HTTP server requests.", UpDownCounter, nullptr, true};
inline constexpr Instrument kClientActive{"http.client.active_requests", "{request}", "Number of active HTTP requests.", UpDownCounter, nullptr, true};
inline constexpr Instrument kLinkPrecision{
    "suture.link.precision", "1", "Share of links of this rule that are right, at least, with 95 % confidence, by the process's own responses.", Gauge, nullptr, true};

// Of pairs of services, as Tempo's metrics generator names them and Grafana's node graph asks for them.
inline constexpr Instrument kEdgeRequests{"traces_service_graph_request_total", "{request}", "Requests between two services.", Counter};
inline constexpr Instrument kEdgeFailed{"traces_service_graph_request_failed_total", "{request}", "Failed requests between two services.", Counter};
inline constexpr Instrument kEdgeServer{"traces_service_graph_request_server_seconds", "s", "Time of a request between two services, as its server saw it.", Histogram, &kSeconds};
inline constexpr Instrument kEdgeClient{"traces_service_graph_request_client_seconds", "s", "Time of a request between two services, as its client saw it.", Histogram, &kSeconds};
inline constexpr Instrument kEdgeUnpaired{"traces_service_graph_unpaired_spans_total", "{span}", "Spans whose other end was not seen here.", Counter};

// Of the agent itself.
inline constexpr Instrument kEventsSeen{"suture.events.seen", "{event}", "Events of the kernel's hooks: emitted, or dropped with a reason.", Counter, nullptr, true};
inline constexpr Instrument kEventsEmitted{"suture.events.emitted", "{event}", "Events that were put into the ring.", Counter, nullptr, true};
inline constexpr Instrument kEventsDropped{"suture.events.dropped", "{event}", "Events that were not.", Counter, nullptr, true};
inline constexpr Instrument kContexts{"suture.contexts", "{request}", "Requests that were to carry a context of ours: written, or why not.", Counter, nullptr, true};
inline constexpr Instrument kRequestsSeen{"suture.requests.seen", "{request}", "HTTP requests whose head was read.", Counter, nullptr, true};
inline constexpr Instrument kRequestsDropped{"suture.requests.dropped", "{request}", "Of these the ones without a span, as their response was not seen to its end.", Counter, nullptr, true};
inline constexpr Instrument kSpansMade{"suture.spans.made", "{span}", "Spans of exchanges that ended: exported, held, or dropped with a reason.", Counter, nullptr, true};
inline constexpr Instrument kSpansExported{"suture.spans.exported", "{span}", "Spans that were handed to the exporters.", Counter, nullptr, true};
inline constexpr Instrument kSpansDropped{"suture.spans.dropped", "{span}", "Spans that were not, and will not be.", Counter, nullptr, true};
inline constexpr Instrument kSpansHeld{"suture.spans.held", "{span}", "Spans that wait for those above them, or for the name of their process.", UpDownCounter, nullptr, true};
inline constexpr Instrument kLinks{"suture.links", "{request}", "Requests sent, by how the request that caused them was found.", Counter, nullptr, true};
inline constexpr Instrument kLinksMissing{"suture.links.missing", "{request}", "Requests sent whose cause is not known, by why not.", Counter, nullptr, true};
inline constexpr Instrument kEdgesSent{"suture.edges.sent", "{request}", "Requests without a trace context whose receiver is not on this host.", Counter, nullptr, true};
inline constexpr Instrument kEdgesReceived{"suture.edges.received", "{request}", "Requests without a trace context whose sender is not on this host.", Counter, nullptr, true};
inline constexpr Instrument kEdgesLinked{"suture.edges.linked", "{request}", "Of these the ones whose trace another host has told.", Counter, nullptr, true};
inline constexpr Instrument kEdgesMissing{"suture.edges.missing", "{request}", "Of these the ones whose trace is not known, by why not.", Counter, nullptr, true};
inline constexpr Instrument kEdgesWritten{"suture.edges.written", "{request}", "Requests sent whose trace was written to the store of edges.", Counter, nullptr, true};
inline constexpr Instrument kEdgesDropped{"suture.edges.dropped", "{request}", "Requests sent whose trace could not be, by why not.", Counter, nullptr, true};
inline constexpr Instrument kPropagation{"suture.propagation", "{request}", "Requests that services sent, by what became of the trace context.", Counter, nullptr, true};
inline constexpr Instrument kExported{"otel.sdk.exporter.span.exported", "{span}", "Spans of which the export has finished, either successful or failed.", Counter, nullptr, true};
inline constexpr Instrument kInFlight{"otel.sdk.exporter.span.inflight", "{span}", "Spans which were passed to the exporter, but that have not been exported yet.", UpDownCounter, nullptr, true};
inline constexpr Instrument kPointsExported{"otel.sdk.exporter.metric_data_point.exported", "{data_point}", "Metric data points of which the export has finished, either successful or failed.", Counter, nullptr, true};
inline constexpr Instrument kPointsInFlight{"otel.sdk.exporter.metric_data_point.inflight", "{data_point}", "Metric data points which were passed to the exporter, but that have not been exported yet.", UpDownCounter, nullptr, true};
inline constexpr Instrument kHooksMissed{"suture.hooks.missed", "{run}", "Runs that the kernel left out as the program was under way on that processor, and that no spare made up for.", Counter, nullptr, true};
inline constexpr Instrument kHookRuns{"suture.hooks.runs", "{run}", "Runs of the agent's programs in the kernel; only where kernel.bpf_stats_enabled is 1.", Counter, nullptr, true};
inline constexpr Instrument kHookTime{"suture.hooks.time", "s", "Time that these took.", Counter, nullptr, true};
inline constexpr Instrument kCpuTime{"process.cpu.time", "s", "Total CPU seconds of the agent.", Counter, nullptr, true};
inline constexpr Instrument kMemory{"process.memory.usage", "By", "The amount of physical memory in use by the agent.", UpDownCounter, nullptr, true};

inline constexpr std::array kAll = {
    &kServerDuration, &kClientDuration, &kServerRequestBody, &kServerResponseBody, &kClientRequestBody, &kClientResponseBody, &kServerActive, &kClientActive, &kLinkPrecision, &kEdgeRequests, &kEdgeFailed, &kEdgeServer, &kEdgeClient, &kEdgeUnpaired,
    &kEventsSeen, &kEventsEmitted, &kEventsDropped, &kContexts, &kRequestsSeen, &kRequestsDropped, &kSpansMade, &kSpansExported, &kSpansDropped, &kSpansHeld, &kLinks,
    &kLinksMissing, &kEdgesSent, &kEdgesReceived, &kEdgesLinked, &kEdgesMissing, &kEdgesWritten, &kEdgesDropped, &kPropagation, &kExported, &kInFlight, &kPointsExported, &kPointsInFlight, &kHooksMissed, &kHookRuns, &kHookTime, &kCpuTime, &kMemory};

}  // namespace instruments
}  // namespace suture
