#pragma once
// Datadog's `x-datadog-*` fields (docs.datadoghq.com, "Trace Context Propagation").

#include <optional>
#include <string_view>

#include "trace/trace_context.h"

namespace suture {

/// The values of the fields; "" is one that did not come.
struct DatadogFields {
  std::string_view trace_id, parent_id, sampling_priority, tags;
};

/// Ids are decimal numbers of 64 bits; the high half of the trace id is the tag `_dd.p.tid`, 16 hex digits, or zero. Who sends
/// no parent (browsers, synthetic tests) begins the trace: the context's parent is all zero.
std::optional<TraceContext> parse_datadog(const DatadogFields& fields);

}  // namespace suture
