#include "export/otlp/metrics_options.h"

#include "trace/ascii.h"

namespace suture {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

std::optional<Temporality> temporality_from(const Setting& setting, Warnings& warnings) {
  if (!setting.is_set()) return std::nullopt;
  if (ascii::equals_any_case(setting.value, "cumulative")) return Temporality::Cumulative;
  if (ascii::equals_any_case(setting.value, "delta")) return Temporality::Delta;
  if (ascii::equals_any_case(setting.value, "lowmemory")) return Temporality::LowMemory;
  warnings.push_back(setting.name + ": '" + std::string(setting.value) + "' is none of cumulative, delta, lowmemory; it is left out.");
  return std::nullopt;
}

/// Only numbers are listened at, and localhost is the default of the specification.
std::string prometheus_address(const EnvironmentLookup& lookup, Warnings& warnings) {
  constexpr std::int64_t kPort = 9464;
  const Setting host = setting_of(lookup, {"OTEL_EXPORTER_PROMETHEUS_HOST"});
  std::string address(!host.is_set() || ascii::equals_any_case(host.value, "localhost") ? "127.0.0.1" : host.value);
  if (address.find(':') != std::string::npos && !address.starts_with('[')) address = "[" + address + "]";
  const auto port = number_of(setting_of(lookup, {"OTEL_EXPORTER_PROMETHEUS_PORT"}), 0, 65'535, kPort, warnings);
  return address + ":" + std::to_string(port.value_or(kPort));
}

}  // namespace

MetricsVariables metrics_variables_from(const EnvironmentLookup& lookup, Warnings& warnings) {
  MetricsVariables variables;
  if (const auto ms = number_of(setting_of(lookup, {"OTEL_METRIC_EXPORT_INTERVAL"}), 1, kDayMs, variables.interval.count(), warnings))
    variables.interval = std::chrono::milliseconds(*ms);
  if (const auto ms = number_of(setting_of(lookup, {"OTEL_METRIC_EXPORT_TIMEOUT"}), 1, kDayMs, 300'000, warnings))
    variables.longest_age = std::chrono::milliseconds(*ms);
  variables.temporality = temporality_from(setting_of(lookup, {"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE"}), warnings);
  variables.prometheus = prometheus_address(lookup, warnings);
  return variables;
}

}  // namespace suture
