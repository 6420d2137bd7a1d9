#pragma once
// A small snapshot of metrics that has one of everything, for the tests of the encoders.

#include "metrics/instruments.h"
#include "metrics/snapshot.h"
#include "sample.h"

namespace suture::test {

inline MetricSnapshot metrics_sample() {
  MetricGroup own{{{{"service.name", std::string("suture")}, {"host.name", std::string("h")}}}, true, {}};
  Labels reason;
  reason.add(LabelKey::SutureReason, "ring_full");
  own.family(instruments::kEventsDropped).points.push_back({reason, kStart, std::int64_t{3}});
  own.family(instruments::kMemory).points.push_back({Labels(), kStart, std::int64_t{1024}});
  own.family(instruments::kCpuTime).points.push_back({Labels(), kStart, 1.5});

  MetricGroup shop{{{{"service.name", std::string("shop")},
                     {"service.namespace", std::string("eu")},
                     {"service.instance.id", std::string("i-1")},
                     {"process.pid", std::int64_t{42}},
                     {"odd key", std::string("a\"b\\c\nd\xff")}}},
                   false,
                   {}};
  Labels labels;
  labels.add(LabelKey::HttpRequestMethod, "GET");
  labels.add(LabelKey::HttpResponseStatusCode, std::int64_t{200});
  HistogramPoint value;
  for (const double seconds : {0.002, 0.003, 0.8, 20.0}) value.histogram.add(kSeconds, seconds);
  value.exemplars = {{trace_id(1), span_id(1), kStart + 5'000'000, 0.003}, {trace_id(2), span_id(2), kStart + 9'000'000, 20.0}};
  Family& durations = shop.family(instruments::kServerDuration);
  durations.points.push_back({labels, kStart, value});
  durations.points.push_back({overflow_labels(), kStart, HistogramPoint()});
  shop.family(instruments::kServerActive).points.push_back({Labels(), kStart, std::int64_t{2}});
  shop.family(instruments::kLinkPrecision).points.push_back({Labels(), kStart, 0.99});

  MetricSnapshot snapshot;
  snapshot.unix_ns = kStart + 10'000'000;
  snapshot.groups.push_back(std::move(own));
  snapshot.groups.push_back(std::move(shop));
  return snapshot;
}

}  // namespace suture::test
