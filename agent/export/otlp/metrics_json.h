#pragma once
// OTLP's JSON form of a snapshot of metrics: the body of a request by http/json.

#include <string>

#include "export/otlp/temporality.h"
#include "metrics/snapshot.h"

namespace suture {

/// As MetricsEncoder::encode() has it.
std::string metrics_json(const MetricSnapshot& snapshot, std::int64_t since_unix_ns, const TemporalityRecast& temporality);

}  // namespace suture
