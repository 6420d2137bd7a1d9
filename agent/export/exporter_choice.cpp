#include "export/exporter_choice.h"

#include <algorithm>

#include "trace/ascii.h"

namespace suture {

ExporterChoice exporter_choice_from(const EnvironmentLookup& lookup, Warnings& warnings) {
  if (boolean_of(setting_of(lookup, {"OTEL_SDK_DISABLED"}), warnings)) return {.otlp = false};
  const Setting setting = setting_of(lookup, {"OTEL_TRACES_EXPORTER"});
  ExporterChoice choice{.otlp = false};
  bool known = false;
  for (std::string_view rest = setting.value; !rest.empty();) {
    const auto comma = std::min(rest.find(','), rest.size());
    const std::string_view name = ascii::trim(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    if (ascii::equals_any_case(name, "otlp")) choice.otlp = choice.otlp_by_name = known = true;
    else if (ascii::equals_any_case(name, "zipkin")) choice.zipkin = known = true;
    else if (ascii::equals_any_case(name, "console")) choice.console = known = true;
    else if (ascii::equals_any_case(name, "none")) known = true;
    else warnings.push_back(setting.name + ": '" + std::string(name) + "' is none of otlp, zipkin, console, none and was left out.");
  }
  return known ? choice : ExporterChoice();
}

}  // namespace suture
