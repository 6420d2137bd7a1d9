#include "trace/http_context.h"

#include <array>

namespace suture {

std::optional<TraceContext> trace_context_of(const HttpRequest& request) {
  if (request.traceparent_count != 1) return std::nullopt;
  std::array<std::string_view, HttpRequest::kMaxTracestates> fields;
  std::size_t count = request.tracestate_count;
  if (count > fields.size()) count = 0;
  for (std::size_t i = 0; i < count; ++i) fields[i] = request.tracestate[i].in(request.head);
  return parse_trace_context(request.traceparent_count, request.traceparent.in(request.head),
                             std::span(fields).first(count));
}

}  // namespace suture
