#pragma once
// ObservedService: the series of one service instance. Several processes may be one instance, if their environment says so.

#include <cstdint>
#include <string>

#include "metrics/histogram.h"
#include "metrics/series_table.h"
#include "metrics/snapshot.h"
#include "trace/batch.h"

namespace suture {

/// A histogram with the last span of each bucket (OpenTelemetry specification, metrics/sdk.md,
/// "AlignedHistogramBucketExemplarReservoir").
struct ExemplifiedHistogram {
  Histogram histogram;
  std::array<Exemplar, kBounds + 1> exemplars;
};

/// Requests that have the same labels. One table holds all that is counted of them: they are looked up once.
struct RequestSeries {
  ExemplifiedHistogram duration;
  Histogram request_body, response_body;  // sizes, of those whose size is known
};

class ObservedService {
 public:
  /// At most `most` series of each instrument; `budget` outlives the service.
  ObservedService(Resource resource, std::int64_t start_unix_ns, std::size_t most, SeriesBudget& budget);

  const Resource& resource() const { return resource_; }
  std::string_view name() const { return name_; }
  /// Families with at least one point.
  void append_to(MetricGroup& group) const;

  SeriesTable<RequestSeries> server_requests, client_requests;
  SeriesTable<std::int64_t> server_active, client_active;
  SeriesTable<double> link_precision;
  std::size_t processes = 0;       // that live
  std::uint64_t ended_ns = 0;      // event time; since when none does

 private:
  Resource resource_;
  std::string name_;  // service.name
  std::int64_t start_unix_ns_;
};

}  // namespace suture
