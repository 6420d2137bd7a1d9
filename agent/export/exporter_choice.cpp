#include "export/exporter_choice.h"

#include <algorithm>
#include <span>

#include "trace/ascii.h"

namespace suture {
namespace {

struct Named {
  std::string_view name;
  bool ExporterChoice::*chosen;
};

std::string names_of(std::span<const Named> others) {
  std::string names = "otlp, ";
  for (const Named& other : others) names += std::string(other.name) + ", ";
  return names + "none";
}

/// `others`: the names that stand beside otlp and none.
ExporterChoice choice_from(const EnvironmentLookup& lookup, const char* variable, std::span<const Named> others, Warnings& warnings) {
  if (boolean_of(setting_of(lookup, {"OTEL_SDK_DISABLED"}), warnings)) return {.otlp = false};
  const Setting setting = setting_of(lookup, {variable});
  ExporterChoice choice{.otlp = false};
  bool known = false;
  for (std::string_view rest = setting.value; !rest.empty();) {
    const auto comma = std::min(rest.find(','), rest.size());
    const std::string_view name = ascii::trim(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    if (ascii::equals_any_case(name, "otlp")) choice.otlp = choice.otlp_by_name = known = true;
    else if (ascii::equals_any_case(name, "none")) known = true;
    else if (const auto named = std::find_if(others.begin(), others.end(), [&](const Named& other) { return ascii::equals_any_case(name, other.name); });
             named != others.end())
      choice.*named->chosen = known = true;
    else warnings.push_back(setting.name + ": '" + std::string(name) + "' is none of " + names_of(others) + " and was left out.");
  }
  return known ? choice : ExporterChoice();
}

}  // namespace

ExporterChoice exporter_choice_from(const EnvironmentLookup& lookup, Warnings& warnings) {
  constexpr Named kOthers[] = {{"zipkin", &ExporterChoice::zipkin}, {"console", &ExporterChoice::console}};
  return choice_from(lookup, "OTEL_TRACES_EXPORTER", kOthers, warnings);
}

ExporterChoice metrics_exporter_choice_from(const EnvironmentLookup& lookup, Warnings& warnings) {
  constexpr Named kOthers[] = {{"prometheus", &ExporterChoice::prometheus}};
  return choice_from(lookup, "OTEL_METRICS_EXPORTER", kOthers, warnings);
}

}  // namespace suture
