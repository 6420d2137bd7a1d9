#include "sampling/sample_rule.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/glob.h"
#include "sampling/percentage.h"
#include "trace/ascii.h"
#include "trace/span_naming.h"

namespace suture {

bool SampleRule::fits(const Span& span, std::string_view service_name) const {
  return (service.empty() || glob_matches(service, service_name)) && (route.empty() || glob_matches(route, path_of(span)));
}

Result<SampleRule> parse_sample_rule(std::string_view text) {
  constexpr std::string_view kService = "service=", kRoute = "route=";
  SampleRule rule;
  bool has_share = false;
  for (std::string_view rest = ascii::trim(text); !rest.empty(); rest = ascii::trim(rest)) {
    if (const std::optional<double> share = has_share ? std::nullopt : take_percentage(rest)) {
      rule.threshold = threshold_of(*share);
      has_share = true;
      continue;
    }
    const std::string_view word = rest.substr(0, rest.find_first_of(" \t"));
    if (word.starts_with(kService) && word.size() > kService.size() && rule.service.empty()) rule.service = word.substr(kService.size());
    else if (word.starts_with(kRoute) && word.size() > kRoute.size() && rule.route.empty()) rule.route = word.substr(kRoute.size());
    else return Error{fmt::format("'{}' in '{}': expected service=GLOB, route=GLOB (each once) and a share, as in 'service=orders route=/static/* 10%'", word, text)};
    rest.remove_prefix(word.size());
  }
  if (!has_share) return Error{fmt::format("'{}' has no share; end it with one, as in 'service=orders 10%'", text)};
  return rule;
}

}  // namespace suture
