#include "export/exporter_choice.h"

#include <algorithm>

#include "trace/ascii.h"

namespace suture {
namespace {

/// `third`: the name that stands beside otlp and none, and what it chooses.
ExporterChoice choice_from(const EnvironmentLookup& lookup, const char* variable, std::string_view third, bool ExporterChoice::*chosen, Warnings& warnings) {
  if (boolean_of(setting_of(lookup, {"OTEL_SDK_DISABLED"}), warnings)) return {.otlp = false};
  const Setting setting = setting_of(lookup, {variable});
  ExporterChoice choice{.otlp = false};
  bool known = false;
  for (std::string_view rest = setting.value; !rest.empty();) {
    const auto comma = std::min(rest.find(','), rest.size());
    const std::string_view name = ascii::trim(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    if (ascii::equals_any_case(name, "otlp")) choice.otlp = choice.otlp_by_name = known = true;
    else if (ascii::equals_any_case(name, third)) choice.*chosen = known = true;
    else if (ascii::equals_any_case(name, "none")) known = true;
    else
      warnings.push_back(setting.name + ": '" + std::string(name) + "' is none of otlp, " + std::string(third) + ", none and was left out.");
  }
  return known ? choice : ExporterChoice();
}

}  // namespace

ExporterChoice exporter_choice_from(const EnvironmentLookup& lookup, Warnings& warnings) {
  return choice_from(lookup, "OTEL_TRACES_EXPORTER", "console", &ExporterChoice::console, warnings);
}

ExporterChoice metrics_exporter_choice_from(const EnvironmentLookup& lookup, Warnings& warnings) {
  return choice_from(lookup, "OTEL_METRICS_EXPORTER", "prometheus", &ExporterChoice::prometheus, warnings);
}

}  // namespace suture
