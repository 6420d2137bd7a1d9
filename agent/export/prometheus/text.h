#pragma once
// A snapshot of all metrics as Prometheus reads them: text format 0.0.4, or OpenMetrics 1.0, which has exemplars.
//
// Series of an observed service carry the labels job and instance, made of its resource; those of the agent do not, so that
// they get the scraper's own (scrape with honor_labels: true). The other attributes of a resource are in target_info.

#include <string>

#include "export/prometheus/accept.h"
#include "metrics/snapshot.h"

namespace suture {

std::string prometheus_text(const MetricSnapshot& snapshot, PrometheusFormat format);

}  // namespace suture
