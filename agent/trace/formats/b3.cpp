#include "trace/formats/b3.h"

#include "trace/formats/hex.h"

namespace suture {
namespace {

/// "{trace id}-{span id}[-{sampling state}[-{parent span id}]]"
std::optional<TraceContext> parse_single(std::string_view text) {
  const std::size_t trace_end = text.find('-');
  if (trace_end == std::string_view::npos) return std::nullopt;
  TraceContext context;
  if (!read_trace_id(text.substr(0, trace_end), context.trace_id)) return std::nullopt;
  text.remove_prefix(trace_end + 1);
  if (!read_span_id(text.substr(0, 16), context.parent)) return std::nullopt;
  text.remove_prefix(16);
  context.flags = kTraceFlagSampled;
  if (text.empty()) return context;  // the decision is deferred
  if (text.size() < 2 || text[0] != '-') return std::nullopt;
  const char state = text[1];
  if (state != '0' && state != '1' && state != 'd') return std::nullopt;
  if (state == '0') context.flags = 0;
  text.remove_prefix(2);
  SpanId parent;
  if (!text.empty() && (text[0] != '-' || !read_span_id(text.substr(1), parent))) return std::nullopt;
  return context;
}

std::optional<TraceContext> parse_multi(const B3Fields& fields) {
  TraceContext context;
  if (!read_trace_id(fields.trace_id, context.trace_id) || !read_span_id(fields.span_id, context.parent)) return std::nullopt;
  // Old senders write a word. Debug means sampled, whatever else is said.
  const bool dropped = fields.flags != "1" && (fields.sampled == "0" || fields.sampled == "false");
  context.flags = dropped ? 0 : kTraceFlagSampled;
  return context;
}

}  // namespace

std::optional<TraceContext> parse_b3(std::string_view single, const B3Fields& multi) {
  if (!single.empty())
    if (std::optional<TraceContext> context = parse_single(single)) return context;
  return parse_multi(multi);
}

}  // namespace suture
