#include "trace/http_rules.h"

#include <algorithm>

#include "trace/request_target.h"

namespace suture {
namespace {

std::string_view path_of(const HttpRequest& request) {
  return parse_request_target(request.method.in(request.head), request.target.in(request.head)).path;
}

}  // namespace

bool is_probe(const HttpRequest& request, const ProbeRules& rules) {
  const std::string_view agent = request.user_agent.in(request.head);
  const auto agent_begins = [&](const std::string& prefix) { return !prefix.empty() && agent.starts_with(prefix); };
  if (std::any_of(rules.user_agents.begin(), rules.user_agents.end(), agent_begins)) return true;

  const std::string_view method = request.method.in(request.head);
  if (method != "GET" && method != "HEAD") return false;
  const std::string_view path = path_of(request);
  return std::any_of(rules.paths.begin(), rules.paths.end(), [&](const std::string& rule) {
    return !rule.empty() && path.starts_with(rule) && (path.size() == rule.size() || path[rule.size()] == '/');
  });
}

bool is_otlp_intake(const HttpRequest& request) {
  if (request.method.in(request.head) != "POST") return false;
  const std::string_view path = path_of(request);
  return path.ends_with("/v1/traces") || path.ends_with("/v1/metrics") || path.ends_with("/v1/logs");
}

bool is_otlp_spans(const HttpRequest& request) { return is_otlp_intake(request) && path_of(request).ends_with("/v1/traces"); }

}  // namespace suture
