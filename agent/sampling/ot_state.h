#pragma once
// OtState: OpenTelemetry's member of a tracestate, `ot=th:fd70a;rv:...` (specification v1.60, trace/tracestate-handling.md).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sampling/threshold.h"

namespace suture {

struct OtState {
  std::optional<Threshold> threshold;       // th: the least likely decision so far to keep the span
  std::optional<std::uint64_t> randomness;  // rv: counts instead of the trace id's
};

/// Malformed parts are as if they were not there. `trace_state` is valid by W3C.
OtState ot_state_of(std::string_view trace_state);

/// The same tracestate with this `th`, or without one. What else OpenTelemetry's member holds stays; a changed member
/// goes to the front (W3C Trace Context 3.5), and what does not fit then goes from the right.
std::string with_threshold(std::string_view trace_state, std::optional<Threshold> threshold);

}  // namespace suture
