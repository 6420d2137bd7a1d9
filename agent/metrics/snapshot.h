#pragma once
// MetricSnapshot: the values of all series at one moment, whole in itself, so that it can leave the capture thread.

#include <array>
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "metrics/histogram.h"
#include "metrics/instrument.h"
#include "metrics/labels.h"
#include "trace/batch.h"

namespace suture {

struct HistogramPoint {
  Histogram histogram;
  std::vector<Exemplar> exemplars;  // at most one of each bucket, in their order
};

/// One series.
struct Point {
  Labels labels;
  std::int64_t start_unix_ns = 0;  // since when it is added up
  std::variant<std::int64_t, double, HistogramPoint> value;
};

/// All series of one instrument and one resource.
struct Family {
  const Instrument* instrument;
  std::vector<Point> points;
};

struct MetricGroup {
  Resource resource;
  bool own = false;  // of the agent itself
  std::vector<Family> families;  // none without points

  /// The family of `instrument`, made if need be. Valid until the next call.
  Family& family(const Instrument& instrument);
};

struct MetricSnapshot {
  std::int64_t unix_ns = 0;
  std::vector<MetricGroup> groups;  // the agent's own first

  std::uint64_t points() const;
  /// Bytes this holds, heap included, roughly: what queues are bounded by.
  std::size_t weight_bytes() const;
};

}  // namespace suture
