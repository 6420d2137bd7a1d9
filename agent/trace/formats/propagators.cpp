#include "trace/formats/propagators.h"

#include <algorithm>
#include <utility>

#include "trace/ascii.h"

namespace suture {
namespace {

constexpr std::pair<std::string_view, Propagator> kNames[] = {
    {"tracecontext", Propagator::TraceContext}, {"baggage", Propagator::Baggage}, {"b3", Propagator::B3},          {"b3multi", Propagator::B3},
    {"jaeger", Propagator::Jaeger},             {"xray", Propagator::Xray},       {"datadog", Propagator::Datadog},
};

}  // namespace

Propagators propagators_from(const std::vector<std::string>& names, std::vector<std::string>& warnings) {
  Propagators out;
  for (const std::string& text : names) {
    const std::string_view name = ascii::trim(text);
    if (name.empty()) continue;
    if (name == "none") return {};
    const auto* known = std::find_if(std::begin(kNames), std::end(kNames), [&](const auto& one) { return one.first == name; });
    if (known == std::end(kNames)) {
      warnings.push_back("propagator '" + std::string(name) +
                         "' is not known and not read; there are tracecontext, baggage, b3, b3multi, jaeger, xray, datadog, none");
    } else if (std::find(out.begin(), out.end(), known->second) == out.end()) {
      out.push_back(known->second);
    }
  }
  return out.empty() ? default_propagators() : out;
}

Propagators propagators_from(std::string_view list, std::vector<std::string>& warnings) {
  std::vector<std::string> names;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    names.emplace_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return propagators_from(names, warnings);
}

}  // namespace suture
