#pragma once
// Instrument: what a metric is called and how its values add up (OpenTelemetry specification, metrics/api.md).

#include <array>
#include <cstdint>
#include <string_view>

namespace suture {

enum class InstrumentKind : std::uint8_t {
  Counter,        // a sum that only grows
  UpDownCounter,  // a sum
  Gauge,          // a value that adding up would make no sense of
  Histogram,
};

/// Upper ends of a histogram's buckets but the last, which has none. All our histograms have so many.
inline constexpr std::size_t kBounds = 14;
using Bounds = std::array<double, kBounds>;

struct Instrument {
  std::string_view name;
  std::string_view unit;  // UCUM
  std::string_view description;
  InstrumentKind kind;
  const Bounds* bounds = nullptr;  // of a histogram
  bool observed = false;           // read when metrics are collected; the others are added up as things happen
};

}  // namespace suture
