#pragma once
// AWS X-Ray's `X-Amzn-Trace-Id` (docs.aws.amazon.com/xray, "Tracing header").

#include <optional>
#include <string_view>

#include "trace/trace_context.h"

namespace suture {

/// "Root=1-{8 hex}-{24 hex};Parent={16 hex};Sampled=1", in any order, other keys ignored. Load balancers send a Root alone: the
/// context's parent is all zero then, and the request is the root of that trace.
std::optional<TraceContext> parse_xray(std::string_view text);

}  // namespace suture
