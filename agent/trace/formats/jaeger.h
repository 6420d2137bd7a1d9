#pragma once
// Jaeger's `uber-trace-id` (www.jaegertracing.io/docs/1.76/sdk-migration, "Propagation Format").

#include <optional>
#include <string_view>

#include "trace/trace_context.h"

namespace suture {

/// "{trace id}:{span id}:{parent span id}:{flags}", hex numbers of either case whose leading zeros may be missing. The colons
/// may have been encoded as in a URL.
std::optional<TraceContext> parse_jaeger(std::string_view text);

}  // namespace suture
