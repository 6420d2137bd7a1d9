#include "trace/route_rule.h"

#include <algorithm>

#include "base/glob.h"
#include "trace/ascii.h"

namespace suture {
namespace {

constexpr std::string_view kRest = "*";

/// Takes the first segment off, and the slash behind it.
std::string_view take_segment(std::string_view& path) {
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(std::min(segment.size() + 1, path.size()));
  return segment;
}

bool is_placeholder(std::string_view segment) { return segment.size() > 2 && segment.front() == '{' && segment.back() == '}'; }

std::size_t slashes(std::string_view text) { return static_cast<std::size_t>(std::count(text.begin(), text.end(), '/')); }

/// "" if it can be followed.
std::string objection_to(std::string_view pattern) {
  if (!pattern.starts_with('/')) return "a pattern begins with /";
  if (pattern.find_first_of("?#") != pattern.npos) return "a route has no query";
  for (std::string_view rest = pattern.substr(1); !rest.empty();) {
    const std::string_view segment = take_segment(rest);
    const std::string_view name = is_placeholder(segment) ? segment.substr(1, segment.size() - 2) : segment;
    if (name.find_first_of("{}") != name.npos) return "{name} stands for a whole segment";
    if (segment == kRest && !rest.empty()) return "* stands for all that follows, so it comes last";
  }
  return {};
}

}  // namespace

bool RouteRule::fits(std::string_view service_name, std::string_view path) const {
  if (!path.starts_with('/') || !glob_matches(service, service_name)) return false;
  std::string_view wanted(pattern);
  const bool open = wanted.ends_with("/*");
  if (open ? slashes(path) < slashes(wanted) : slashes(path) != slashes(wanted)) return false;
  for (std::size_t left = slashes(wanted) + 1; left > 0; --left) {
    const std::string_view expected = take_segment(wanted);
    if (open && left == 1) return true;
    const std::string_view segment = take_segment(path);
    if (is_placeholder(expected) ? segment.empty() : segment != expected) return false;
  }
  return true;
}

Result<RouteRule> parse_route_rule(std::string_view text) {
  const std::size_t colon = text.find(':');
  const bool alone = ascii::trim(text).starts_with('/') || colon == text.npos;
  RouteRule rule;
  rule.service = alone ? "*" : ascii::trim(text.substr(0, colon));
  rule.pattern = ascii::trim(alone ? text : text.substr(colon + 1));
  std::string objection = objection_to(rule.pattern);
  if (rule.service.empty()) objection = "there is no service before the colon";
  if (!objection.empty()) return Error{"'" + std::string(text) + "': " + objection + "; write SERVICE: PATTERN, as in 'orders: /orders/{id}'"};
  return rule;
}

}  // namespace suture
