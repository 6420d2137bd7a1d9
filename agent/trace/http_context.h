#pragma once
// The trace context that an HTTP request carries.

#include <optional>

#include "proto/exchange.h"
#include "trace/trace_context.h"

namespace suture {

/// Nothing: the request starts a trace. A tracestate of which field lines were lost (more than kMaxTracestates) is
/// dropped whole, because half a list may be an invalid one.
std::optional<TraceContext> trace_context_of(const HttpRequest& request);

}  // namespace suture
