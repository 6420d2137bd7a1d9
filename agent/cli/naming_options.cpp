#include "naming_options.h"

#include <utility>

namespace suture {

void add_naming_options(CLI::App& command, NamingArguments& a, bool environment) {
  CLI::Option* const route = command.add_option("--route", a.routes,
                                                "A route of a service, e.g. 'orders: /orders/{id}': http.route of requests that fit, and part of their name; "
                                                "the first that fits counts; may be repeated");
  // config_file.cpp: a map in the file stands for a list of such pairs.
  route->type_name("SERVICE: PATTERN")->delimiter(',')->allow_extra_args(false);
  CLI::Option* const name = command.add_option("--span-name", a.span_name,
                                               "What names a span whose route is not known: method (default), or template: the method and the path without its ids");
  name->check(CLI::IsMember({"method", "template"}));
  if (!environment) return;
  route->envname("SUTURE_ROUTE");
  name->envname("SUTURE_SPAN_NAME");
}

Result<NamingOptions> naming_options_of(const NamingArguments& a) {
  NamingOptions options;
  options.template_in_name = a.span_name == "template";
  for (const std::string& text : a.routes) {
    Result<RouteRule> rule = parse_route_rule(text);
    if (!rule) return Error{"--route: " + rule.error()};
    options.routes.push_back(std::move(rule).value());
  }
  return options;
}

}  // namespace suture
