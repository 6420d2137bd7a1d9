#pragma once
// Propagators: which formats of trace context are read, in which order (OTEL_PROPAGATORS, OpenTelemetry's environment
// variable specification).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace suture {

enum class Propagator : std::uint8_t { TraceContext, Baggage, B3, Jaeger, Xray, Datadog };

using Propagators = std::vector<Propagator>;

/// tracecontext,baggage: the specification's default.
inline Propagators default_propagators() { return {Propagator::TraceContext, Propagator::Baggage}; }

/// Reads names: tracecontext, baggage, b3 and b3multi (either reads both forms), jaeger, xray, datadog; none: nothing is read.
/// Each that is not known adds a sentence to `warnings` and is left out. If nothing is left the default holds.
Propagators propagators_from(const std::vector<std::string>& names, std::vector<std::string>& warnings);
/// The same of a comma-separated list, the value of OTEL_PROPAGATORS.
Propagators propagators_from(std::string_view list, std::vector<std::string>& warnings);

}  // namespace suture
