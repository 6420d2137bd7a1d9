#pragma once
// Route: what a span is compared with: the spans of the same service, kind and method whose paths differ in ids only.

#include <cstdint>
#include <string_view>

#include "trace/span.h"

namespace suture {

/// A hash that names the route. In the path whole segments with a digit, or too long for a word, are ids and do not count.
std::uint64_t route_of(const Span& span, std::string_view service);

/// A hash that names route and outcome. Paths that nobody serves (404) are one route, whoever makes them up.
std::uint64_t outcome_of(const Span& span, std::string_view service);

}  // namespace suture
