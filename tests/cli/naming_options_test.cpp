#include "naming_options.h"

#include <gtest/gtest.h>

#include <sstream>

#include "config_file.h"

namespace suture {
namespace {

/// What the options and a configuration file come to: "SERVICE: PATTERN" each, or an error.
std::vector<std::string> routes(const std::vector<std::string>& words, const std::string& yaml = {}) {
  CLI::App app;
  CLI::App* const command = app.add_subcommand("run", "");
  NamingArguments arguments;
  add_naming_options(*command, arguments, true);
  try {
    std::vector<std::string> all(words.rbegin(), words.rend());  // CLI11 wants them from the last to the first
    all.push_back("run");
    app.parse(all);
    std::istringstream file(yaml);
    for (const CLI::ConfigItem& item : YamlConfig(*command).from_config(file)) arguments.routes.insert(arguments.routes.end(), item.inputs.begin(), item.inputs.end());
  } catch (const CLI::Error& error) {
    return {error.what()};
  }
  Result<NamingOptions> options = naming_options_of(arguments);
  if (!options) return {options.error()};
  std::vector<std::string> found;
  for (const RouteRule& rule : options->routes) found.push_back(rule.service + ": " + rule.pattern);
  return found;
}

using Lines = std::vector<std::string>;

TEST(NamingOptions, TakeRoutesFromOptionsAndFromMapsInAFile) {
  const Lines expected = {"orders: /orders/{id}", "orders: /orders", "*: /static/*"};
  EXPECT_EQ(routes({"--route", "orders: /orders/{id}", "--route", "orders: /orders,/static/*"}), expected);
  EXPECT_EQ(routes({}, "route:\n  orders:\n  - /orders/{id}\n  - /orders\n  '*': /static/*\n"), expected);
  EXPECT_EQ(routes({}, "route:\n- orders: /orders/{id}\n- orders: /orders\n- /static/*\n"), expected);
}

TEST(NamingOptions, SayWhatIsWrong) {
  EXPECT_NE(routes({"--route", "orders: x"}).at(0).find("'orders: x': a pattern begins with /; write SERVICE: PATTERN"), std::string::npos);
  EXPECT_NE(routes({}, "span-name: {a: b}").at(0).find("line 1: 'span-name' must be a value or a list of values"), std::string::npos);
  EXPECT_NE(routes({"--span-name", "path"}).at(0).find("path"), std::string::npos);
}

}  // namespace
}  // namespace suture
