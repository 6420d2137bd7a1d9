#include "export/span_limits.h"

#include <limits>

namespace suture {

void SpanLimits::apply(Span& span) const {
  if (attributes) span.attributes.keep_first(*attributes);
  if (characters) span.attributes.cut_texts(*characters);
}

SpanLimits span_limits_from(const EnvironmentLookup& lookup, Warnings& warnings) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  constexpr std::int64_t kUsualCount = 128;
  SpanLimits limits;
  if (const auto count = number_of(setting_of(lookup, {"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT"}), 0, kMost, kUsualCount, warnings))
    limits.attributes = static_cast<std::size_t>(*count);
  if (const auto length = number_of(setting_of(lookup, {"OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"}), 0, kMost, kMost, warnings))
    limits.characters = static_cast<std::size_t>(*length);
  return limits;
}

}  // namespace suture
