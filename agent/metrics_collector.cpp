#include "metrics_collector.h"

#include <utility>

#include "trace/clock_anchor.h"

namespace suture {

MetricsCollector::MetricsCollector(Pipeline& pipeline, const Batcher& batcher, ProcessTable& processes, const Probe& probe, Resource own,
                                   std::int64_t start_unix_ns)
    : pipeline_(pipeline), batcher_(batcher), processes_(processes), probe_(probe), own_(std::move(own)), start_unix_ns_(start_unix_ns),
      metrics_(processes, start_unix_ns) {
  pipeline_.count_in(metrics_);
}

MetricSnapshot MetricsCollector::collect(const MetricDeliveries& deliveries) {
  MetricSnapshot snapshot;
  snapshot.unix_ns = sample_clock_anchor().unix_ns;
  metrics_.begin_observing();
  pipeline_.observe();
  observe_precision(pipeline_.linker(), snapshot.unix_ns, metrics_);

  MetricGroup own{own_, true, {}};
  const Ledger ledger = Ledger::of(&probe_, pipeline_, batcher_, processes_);
  append_ledger(ledger, start_unix_ns_, own);
  append_deliveries(deliveries, start_unix_ns_, own);
  append_propagation(pipeline_.propagation_rows(), start_unix_ns_, own);
  append_costs(ledger, start_unix_ns_, own);
  snapshot.groups.emplace_back();
  metrics_.append_to(snapshot, own);
  snapshot.groups.front() = std::move(own);
  return snapshot;
}

}  // namespace suture
