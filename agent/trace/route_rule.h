#pragma once
// RouteRule: `--route 'orders: /orders/{id}'`, a route that a service has and that its owner tells us: nobody can read it
// out of the paths.

#include <string>
#include <string_view>

#include "base/result.h"

namespace suture {

struct RouteRule {
  std::string service;  // glob of the service's name; "*": any
  std::string pattern;  // "/orders/{id}", the value of http.route

  bool fits(std::string_view service_name, std::string_view path) const;
};

/// "SERVICE: PATTERN", or a pattern alone for any service. Segments of a pattern are compared as they were sent, a trailing
/// slash included; {name} stands for one segment that is not empty, * at the end for all that follows.
Result<RouteRule> parse_route_rule(std::string_view text);

}  // namespace suture
