#pragma once
// Temporality: whether sums and histograms are told since their beginning, or since the last time they were told
// (OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE; OpenTelemetry specification, metrics/sdk_exporters/otlp.md).

#include <cstdint>
#include <map>
#include <string>

#include "metrics/snapshot.h"

namespace suture {

enum class Temporality : std::uint8_t {
  Cumulative,
  Delta,      // counters and histograms
  LowMemory,  // of these the ones that are added up as things happen
};

/// Snapshots are cumulative; where deltas are preferred, the last one is remembered. One thread.
class TemporalityRecast {
 public:
  explicit TemporalityRecast(Temporality preference) : preference_(preference) {}

  bool is_delta(const Instrument& instrument) const;
  /// Turns cumulative points into deltas where that is preferred; points that have not changed leave. Returns when the
  /// snapshot before was taken; 0: there was none.
  std::int64_t apply(MetricSnapshot& snapshot);

 private:
  using Told = std::map<std::string, Point>;  // by group, instrument and labels
  bool subtract(std::string key, Point& point, Told& now) const;

  const Temporality preference_;
  std::int64_t last_unix_ns_ = 0;
  Told told_;
};

}  // namespace suture
