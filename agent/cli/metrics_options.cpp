#include "metrics_options.h"

#include <algorithm>

#include "export/exporter_choice.h"
#include "export/otlp/metrics_options.h"
#include "export/otlp/preset.h"
#include "http_server/address.h"

namespace suture {
namespace {

constexpr const char* kUi = "--ui";
constexpr const char* kUiAddress = "127.0.0.1:7070";

/// Destinations of spans get metrics too, unless OTEL_METRICS_EXPORTER names others, or the backend takes none.
Result<std::vector<BackendOptions>> destinations_of(const DestinationArguments& spans, const ExporterChoice& choice,
                                                    const MetricsVariables& variables, const EnvironmentLookup& environment, Warnings& warnings) {
  const bool silenced = setting_of(environment, {"OTEL_METRICS_EXPORTER"}).is_set() && !choice.otlp;
  std::vector<BackendOptions> destinations;
  if (silenced) return destinations;
  std::vector<Result<BackendOptions>> found;
  for (const std::string& url : spans.otlp) found.push_back(otlp_options_from(environment, url, protocol_of(spans), OtlpSignal::Metrics));
  for (const std::string& to : spans.to) found.push_back(preset_options_from(environment, to, spans.key_files, OtlpSignal::Metrics));
  if (found.empty()) found.push_back(otlp_options_from(environment, "", protocol_of(spans), OtlpSignal::Metrics));
  for (Result<BackendOptions>& otlp : found) {
    if (!otlp) return Error{otlp.error()};
    for (const std::string& warning : otlp->warnings)  // of variables that destinations share
      if (std::find(warnings.begin(), warnings.end(), warning) == warnings.end()) warnings.push_back(warning);
    if (!otlp->enabled()) continue;
    otlp->longest_age = variables.longest_age.value_or(otlp->longest_age);
    otlp->temporality = variables.temporality.value_or(otlp->temporality);
    destinations.push_back(std::move(otlp).value());
  }
  number_namesakes(destinations);
  return destinations;
}

}  // namespace

void add_metrics_options(CLI::App& run, MetricsArguments& arguments) {
  run.add_option(kUi, arguments.ui, "Serve metrics for Prometheus, at /metrics, on this ADDRESS:PORT; off: nowhere (default: 127.0.0.1:7070, and off with a command)")
      ->envname("SUTURE_UI");
}

Result<MetricsExportOptions> metrics_export_of(const MetricsArguments& arguments, const DestinationArguments& spans, bool command,
                                               const EnvironmentLookup& environment, Warnings& warnings) {
  MetricsExportOptions options;
  options.ui = arguments.ui == "auto" ? (command ? "" : kUiAddress) : arguments.ui == "off" ? "" : arguments.ui;
  if (!options.ui.empty())
    if (const auto address = listen_address_from(kUi, options.ui); !address) return Error{address.error()};

  const MetricsVariables variables = metrics_variables_from(environment, warnings);
  Warnings said_with_destinations;
  const ExporterChoice choice = metrics_exporter_choice_from(environment, spans.otlp.empty() ? said_with_destinations : warnings);
  if (choice.prometheus) options.prometheus = variables.prometheus;
  options.interval = variables.interval;
  Result<std::vector<BackendOptions>> destinations = destinations_of(spans, choice, variables, environment, warnings);
  if (!destinations) return Error{destinations.error()};
  options.otlp = std::move(destinations).value();
  return options;
}

}  // namespace suture
