#include "trace/http_context.h"

#include <algorithm>
#include <array>
#include <utility>

#include "trace/formats/b3.h"
#include "trace/formats/baggage.h"
#include "trace/formats/datadog.h"
#include "trace/formats/jaeger.h"
#include "trace/formats/xray.h"

namespace suture {
namespace {

std::optional<TraceContext> w3c_context(const HttpRequest& request) {
  if (request.traceparent_count != 1) return std::nullopt;
  std::array<std::string_view, HttpRequest::kMaxTracestates> fields;
  std::size_t count = request.tracestate_count;
  if (count > fields.size()) count = 0;
  for (std::size_t i = 0; i < count; ++i) fields[i] = request.tracestate[i].in(request.head);
  return parse_trace_context(request.traceparent_count, request.traceparent.in(request.head), std::span(fields).first(count));
}

std::optional<TraceContext> read(const HttpRequest& request, Propagator propagator) {
  using enum ContextField;
  switch (propagator) {
    case Propagator::TraceContext: return w3c_context(request);
    case Propagator::Baggage: return std::nullopt;
    case Propagator::B3:
      return parse_b3(request.field(B3), {request.field(B3TraceId), request.field(B3SpanId), request.field(B3Sampled), request.field(B3Flags)});
    case Propagator::Jaeger: return parse_jaeger(request.field(JaegerTraceId));
    case Propagator::Xray: return parse_xray(request.field(XrayTraceId));
    case Propagator::Datadog:
      return parse_datadog({request.field(DatadogTraceId), request.field(DatadogParentId), request.field(DatadogPriority), request.field(DatadogTags)});
  }
  return std::nullopt;
}

}  // namespace

CarriedContext context_of(const HttpRequest& request, const Propagators& propagators) {
  CarriedContext carried;
  if (request.traceparent_count == 0 && !request.has_context) return carried;
  for (Propagator propagator : propagators) {
    std::optional<TraceContext> context = read(request, propagator);
    if (!context) continue;
    const auto known = [&](const TraceContext& other) { return same_trace(other.trace_id, context->trace_id); };
    if (!carried.context) carried.context = std::move(context);
    else if (!known(*carried.context) && std::none_of(carried.others.begin(), carried.others.end(), known))
      carried.others.push_back(std::move(*context));
  }
  return carried;
}

std::string baggage_of(const HttpRequest& request, const Propagators& propagators, const std::vector<std::string>& keys) {
  if (keys.empty() || request.baggage_count == 0) return {};
  if (std::find(propagators.begin(), propagators.end(), Propagator::Baggage) == propagators.end()) return {};
  std::array<std::string_view, HttpRequest::kMaxBaggages> fields;
  for (std::size_t i = 0; i < request.baggage_count; ++i) fields[i] = request.baggage[i].in(request.head);
  return select_baggage(std::span(fields).first(request.baggage_count), keys);
}

}  // namespace suture
