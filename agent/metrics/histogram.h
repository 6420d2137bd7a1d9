#pragma once
// Histogram: how many values fell between fixed bounds, and their sum.

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>

#include "base/ids.h"
#include "metrics/instrument.h"

namespace suture {

/// The bucket of `value`: bounds are inclusive upper ends (OpenTelemetry protocol, HistogramDataPoint.explicit_bounds).
inline std::size_t bucket_of(const Bounds& bounds, double value) {
  return static_cast<std::size_t>(std::lower_bound(bounds.begin(), bounds.end(), value) - bounds.begin());
}

struct Histogram {
  std::array<std::uint64_t, kBounds + 1> buckets{};
  double sum = 0;

  void add(const Bounds& bounds, double value) {
    ++buckets[bucket_of(bounds, value)];
    sum += value;
  }
  std::uint64_t count() const { return std::accumulate(buckets.begin(), buckets.end(), std::uint64_t{0}); }
};

/// A span that was counted, as an example of its bucket.
struct Exemplar {
  TraceId trace_id;
  SpanId span_id;
  std::int64_t unix_ns = 0;  // 0: none
  double value = 0;
};

}  // namespace suture
