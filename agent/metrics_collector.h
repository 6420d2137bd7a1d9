#pragma once
// MetricsCollector: takes a snapshot of all metrics: those of observed services, and the agent's own. Capture thread.

#include <cstdint>

#include "export/batcher.h"
#include "kernel/probe.h"
#include "metrics/metrics.h"
#include "own_metrics.h"
#include "pipeline.h"
#include "process/process_table.h"

namespace suture {

class MetricsCollector {
 public:
  /// All references outlive the collector, whose metrics `pipeline` counts in from now on; it must not be driven any more once
  /// the collector is gone. `own`: the agent's resource.
  MetricsCollector(Pipeline& pipeline, const Batcher& batcher, ProcessTable& processes, const Probe& probe, Resource own, std::int64_t start_unix_ns);

  /// `deliveries`: what became of earlier snapshots.
  MetricSnapshot collect(const MetricDeliveries& deliveries);

 private:
  Pipeline& pipeline_;
  const Batcher& batcher_;
  ProcessTable& processes_;
  const Probe& probe_;
  const Resource own_;
  const std::int64_t start_unix_ns_;
  Metrics metrics_;
};

}  // namespace suture
