#pragma once
// The options of suture run that are about metrics.

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/result.h"
#include "destination_options.h"
#include "export/environment.h"
#include "metrics_export.h"

namespace suture {

struct MetricsArguments {
  std::string ui = "auto";
};

void add_metrics_options(CLI::App& run, MetricsArguments& arguments);

/// `spans`: where options have spans sent; what --otlp names gets metrics too. `command`: only a command is traced.
Result<MetricsExportOptions> metrics_export_of(const MetricsArguments& arguments, const DestinationArguments& spans, bool command,
                                               const EnvironmentLookup& environment, Warnings& warnings);

}  // namespace suture
