#pragma once
// The options about what spans are named and counted by, of run and replay.

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/result.h"
#include "trace/span_naming.h"

namespace suture {

/// As text.
struct NamingArguments {
  std::vector<std::string> routes = {};
  std::string span_name = "method";
};

/// `arguments` outlives the command. With `environment` the options are SUTURE_ variables too.
void add_naming_options(CLI::App& command, NamingArguments& arguments, bool environment);

Result<NamingOptions> naming_options_of(const NamingArguments& arguments);

}  // namespace suture
