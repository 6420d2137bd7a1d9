#pragma once
// SpanLimits: how much of a span is exported (specification v1.60, common/README.md, "Attribute Limits"). What they leave out is counted in
// the span itself, as dropped attributes.

#include <cstddef>
#include <optional>

#include "export/environment.h"
#include "trace/span.h"

namespace suture {

struct SpanLimits {
  std::optional<std::size_t> attributes;  // of a span; the last ones go
  std::optional<std::size_t> characters;  // of an attribute that is a text: Unicode's, not bytes

  void apply(Span& span) const;
};

/// OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT and OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT, or the same without SPAN_.
SpanLimits span_limits_from(const EnvironmentLookup& lookup, Warnings& warnings);

}  // namespace suture
