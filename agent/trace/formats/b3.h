#pragma once
// B3 propagation (github.com/openzipkin/b3-propagation), in its single and its multiple headers.

#include <optional>
#include <string_view>

#include "trace/trace_context.h"

namespace suture {

/// The values of the X-B3-* fields; "" is one that did not come. The parent's id is of no use to who reads a context.
struct B3Fields {
  std::string_view trace_id, span_id, sampled, flags;
};

/// `single`: the value of the field `b3`, which outweighs the others if it is valid. Nothing if neither form names a span: a
/// bare decision ("0") begins no trace. Who leaves the decision to us gets a sampled context, as we keep all we see.
std::optional<TraceContext> parse_b3(std::string_view single, const B3Fields& multi);

}  // namespace suture
