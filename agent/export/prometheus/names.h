#pragma once
// Names of OpenTelemetry in Prometheus's words (OpenTelemetry specification, compatibility/prometheus_and_openmetrics.md).

#include <string>
#include <string_view>

#include "metrics/instrument.h"

namespace suture {

struct PrometheusName {
  std::string family;     // with the unit, without _total
  std::string_view unit;  // "": none that the name says
};

PrometheusName prometheus_name(const Instrument& instrument);

/// Letters, digits and underscores.
std::string prometheus_label(std::string_view name);

}  // namespace suture
