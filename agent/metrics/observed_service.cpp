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

void append(const Instrument& instrument, const Labels& labels, const Histogram& sizes, std::int64_t start_unix_ns, MetricGroup& group) {
  if (sizes.count() != 0) group.family(instrument).points.push_back({labels, start_unix_ns, HistogramPoint{sizes, {}}});
}

struct RequestInstruments {
  const Instrument &duration, &request_body, &response_body;
};

void append(const RequestInstruments& instruments, const SeriesTable<RequestSeries>& table, std::int64_t start_unix_ns, MetricGroup& group) {
  for (const auto& [labels, series] : table.all()) {
    group.family(instruments.duration).points.push_back({labels, start_unix_ns, value_of(series.duration)});
    append(instruments.request_body, labels, series.request_body, start_unix_ns, group);
    append(instruments.response_body, labels, series.response_body, start_unix_ns, group);
  }
}

}  // namespace

ObservedService::ObservedService(Resource resource, std::int64_t start_unix_ns, std::size_t most, SeriesBudget& budget)
    : server_requests(most, budget), client_requests(most, budget), server_active(most, budget), client_active(most, budget),
      link_precision(most, budget), resource_(std::move(resource)), name_(resource_.service_name()), start_unix_ns_(start_unix_ns) {}

void ObservedService::append_to(MetricGroup& group) const {
  using namespace instruments;
  append({kServerDuration, kServerRequestBody, kServerResponseBody}, server_requests, start_unix_ns_, group);
  append({kClientDuration, kClientRequestBody, kClientResponseBody}, client_requests, start_unix_ns_, group);
  append(kServerActive, server_active, start_unix_ns_, group);
  append(kClientActive, client_active, start_unix_ns_, group);
  append(kLinkPrecision, link_precision, start_unix_ns_, group);
}

}  // namespace suture
