#pragma once
// The options of suture run that are about metrics.

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/result.h"
#include "export/environment.h"
#include "metrics_export.h"

namespace suture {

struct MetricsArguments {
  std::string ui = "auto";
};

void add_metrics_options(CLI::App& run, MetricsArguments& arguments);

/// `otlp`, `protocol`: the destinations of spans that options name, and how they are spoken to; they get metrics too.
/// `command`: only a command is traced.
Result<MetricsExportOptions> metrics_export_of(const MetricsArguments& arguments, const std::vector<std::string>& otlp, OtlpProtocol protocol, bool command,
                                               const EnvironmentLookup& environment, Warnings& warnings);

}  // namespace suture
