#pragma once
// Metrics: finished spans, counted into series before anything is sampled: durations by service, and the edges between
// services. Everything on the capture thread; what leaves it is a snapshot. Time is event time.

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/ids.h"
#include "metrics/observed_service.h"
#include "metrics/service_graph.h"
#include "metrics/snapshot.h"
#include "trace/batch.h"
#include "trace/span.h"

namespace suture {

class Metrics {
 public:
  struct Limits {
    std::size_t services = 1'000;             // those beyond share the overflow series of the agent's own resource
    std::size_t series_per_instrument = 1'000;  // of one service, so that none takes the room of all
    std::size_t series = 8'000;               // of all; with exemplars some 900 B each
    std::uint64_t keep_ended_ns = 300'000'000'000;  // after a service's last process: longer than people scrape apart
    ServiceGraph::Limits graph;
  };

  /// `resources` outlives this. `start_unix_ns`: since when spans are counted.
  Metrics(ResourceSource& resources, std::int64_t start_unix_ns, Limits limits);
  Metrics(ResourceSource& resources, std::int64_t start_unix_ns) : Metrics(resources, start_unix_ns, Limits()) {}

  /// A finished span, whatever becomes of it afterwards.
  void count(const Span& span);
  /// A span that was counted and is exported: whoever looks at its bucket may look at it.
  void exemplify(const Span& span);
  /// The process ended, or is another program now.
  void on_process_over(const ProcessKey& process);
  void tick(std::uint64_t now_ns);

  /// What is read when metrics are collected: begins anew.
  void begin_observing();
  /// An exchange that has not ended; `span` is what is known of it.
  void observe_active(const Span& span);
  void observe_precision(const ProcessKey& process, const Labels& labels, double precision, std::int64_t unix_ns);

  /// Adds the services' groups to `out`, and what belongs to no single service to `own`.
  void append_to(MetricSnapshot& out, MetricGroup& own) const;

  std::size_t services() const { return services_.size(); }

 private:
  ObservedService& service_of(const ProcessKey& process, std::int64_t unix_ns);
  RequestSeries& series_of(const Span& span, ObservedService& service);

  struct Last {
    SpanId span;
    RequestSeries* series = nullptr;
  };

  ResourceSource& resources_;
  const std::int64_t start_unix_ns_;
  const Limits limits_;
  SeriesBudget budget_;
  SeriesBudget no_budget_;
  std::unordered_map<std::string, std::unique_ptr<ObservedService>> services_;  // by name and instance
  std::unordered_map<ProcessKey, ObservedService*> processes_;
  ObservedService overflow_;
  ServiceGraph graph_;
  Labels labels_;             // reused
  Last last_;                 // the span that was counted last: most are exported at once
  std::uint64_t now_ns_ = 0;
  std::uint64_t last_look_ns_ = 0;  // for services that have ended
};

}  // namespace suture
