#pragma once
// Threshold: OpenTelemetry's rejection threshold (specification v1.60, trace/tracestate-probability-sampling.md): so many of
// 2^56 traces are dropped. A trace is kept where its randomness is not below it, so whoever uses a lower one keeps all that
// the others keep, and more.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace suture {

using Threshold = std::uint64_t;
inline constexpr Threshold kCertain = 0;         // every trace is kept
inline constexpr Threshold kNever = 1ull << 56;  // above any randomness

/// Of a share from 0 to 1, with the four significant digits that SDKs are asked to use: both decide alike.
Threshold threshold_of(double share);
/// The value of `th`: hex without trailing zeros. Not of kNever, which has none.
std::string th_of(Threshold threshold);
/// Reads 1 to 14 hex digits; what is missing to 14 is zeros. kNever: malformed.
Threshold threshold_from(std::string_view th);

/// The right-most 56 bits of a trace id.
std::uint64_t randomness_of(const TraceId& id);

}  // namespace suture
