#pragma once
// ExporterChoice: what OTEL_TRACES_EXPORTER, OTEL_METRICS_EXPORTER and OTEL_SDK_DISABLED say about where spans and metrics go.
// Options of the command line are not their subject: who writes --otlp or --console always gets it.

#include "export/environment.h"

namespace suture {

struct ExporterChoice {
  bool otlp = true;           // an endpoint that the environment names is used
  bool otlp_by_name = false;  // ... and without one, OTLP's usual port on this host
  bool zipkin = false;        // by name only, as the specification has it
  bool console = false;
  bool prometheus = false;    // of metrics: a server for scrapers at the address of OTEL_EXPORTER_PROMETHEUS_*
};

ExporterChoice exporter_choice_from(const EnvironmentLookup& lookup, Warnings& warnings);
ExporterChoice metrics_exporter_choice_from(const EnvironmentLookup& lookup, Warnings& warnings);

}  // namespace suture
