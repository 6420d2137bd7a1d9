#pragma once
// The trace context that an HTTP request carries, and its baggage.

#include <string>
#include <vector>

#include "proto/exchange.h"
#include "trace/formats/propagators.h"
#include "trace/trace_context.h"

namespace suture {

/// Of the formats in `propagators` the first that is valid gives the context. A 64-bit trace id is the low half of that of the
/// same trace in full. A tracestate of which field lines were lost (more than kMaxTracestates) is dropped whole, because half a
/// list may be an invalid one. Allocates nothing for a request that carries none of the fields.
CarriedContext context_of(const HttpRequest& request, const Propagators& propagators);

/// The members of its baggage whose keys are in `keys`, see select_baggage(). "" where baggage is not read.
std::string baggage_of(const HttpRequest& request, const Propagators& propagators, const std::vector<std::string>& keys);

}  // namespace suture
