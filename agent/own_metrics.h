#pragma once
// What the agent says of itself in metrics: the ledger's lines, how well it links, what it costs.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "ledger.h"
#include "link/linker.h"
#include "metrics/metrics.h"
#include "process/host_facts.h"
#include "propagation/propagation.h"

namespace suture {

/// The resource of the agent. `pid`: in the initial PID namespace. `attributes`: of OTEL_RESOURCE_ATTRIBUTES, may be null.
Resource own_resource(const HostFacts& host, std::uint32_t pid, std::int64_t start_unix_ns, const char* attributes);

void append_ledger(const Ledger& ledger, std::int64_t start_unix_ns, MetricGroup& own);
/// What became of data points, by destination.
using MetricDeliveries = std::vector<std::pair<std::string, DeliveryLedger>>;
void append_deliveries(const MetricDeliveries& deliveries, std::int64_t start_unix_ns, MetricGroup& own);
/// What services do with the trace context that they receive, by service and peer.
void append_propagation(const std::vector<PropagationRow>& rows, std::int64_t start_unix_ns, MetricGroup& own);
/// Memory and CPU time of this process.
void append_costs(const Ledger& ledger, std::int64_t start_unix_ns, MetricGroup& own);
/// What the audits of each process say of the rules that link its requests.
void observe_precision(const Linker& linker, std::int64_t unix_ns, Metrics& metrics);

}  // namespace suture
