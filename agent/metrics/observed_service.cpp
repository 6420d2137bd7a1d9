#include "metrics/observed_service.h"

#include <utility>

#include "metrics/instruments.h"

namespace suture {
namespace {

HistogramPoint value_of(const ExemplifiedHistogram& series) {
  HistogramPoint point{series.histogram, {}};
  for (const Exemplar& exemplar : series.exemplars)
    if (exemplar.unix_ns != 0) point.exemplars.push_back(exemplar);
  return point;
}

template <typename Number>
Number value_of(Number number) {
  return number;
}

template <typename Value>
void append(const Instrument& instrument, const SeriesTable<Value>& table, std::int64_t start_unix_ns, MetricGroup& group) {
  if (table.all().empty()) return;
  Family& family = group.family(instrument);
  for (const auto& [labels, value] : table.all()) family.points.push_back({labels, start_unix_ns, value_of(value)});
}

}  // namespace

ObservedService::ObservedService(Resource resource, std::int64_t start_unix_ns, std::size_t most, SeriesBudget& budget)
    : server_duration(most, budget), client_duration(most, budget), server_active(most, budget), client_active(most, budget),
      link_precision(most, budget), resource_(std::move(resource)), name_(resource_.service_name()), start_unix_ns_(start_unix_ns) {}

void ObservedService::append_to(MetricGroup& group) const {
  append(instruments::kServerDuration, server_duration, start_unix_ns_, group);
  append(instruments::kClientDuration, client_duration, start_unix_ns_, group);
  append(instruments::kServerActive, server_active, start_unix_ns_, group);
  append(instruments::kClientActive, client_active, start_unix_ns_, group);
  append(instruments::kLinkPrecision, link_precision, start_unix_ns_, group);
}

}  // namespace suture
