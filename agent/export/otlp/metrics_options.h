#pragma once
// What the variables of OpenTelemetry say about metrics beside their endpoint (specification v1.60,
// configuration/sdk-environment-variables.md and metrics/sdk_exporters/).

#include <chrono>
#include <optional>
#include <string>

#include "export/environment.h"
#include "export/otlp/temporality.h"

namespace suture {

struct MetricsVariables {
  std::chrono::milliseconds interval{60'000};            // OTEL_METRIC_EXPORT_INTERVAL
  std::optional<std::chrono::milliseconds> longest_age;  // OTEL_METRIC_EXPORT_TIMEOUT: how long a snapshot is tried to be delivered
  std::optional<Temporality> temporality;                // OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE; unset: as the backend takes them
  std::string prometheus;                                // "ADDRESS:PORT" of OTEL_EXPORTER_PROMETHEUS_HOST and _PORT
};

MetricsVariables metrics_variables_from(const EnvironmentLookup& lookup, Warnings& warnings);

}  // namespace suture
