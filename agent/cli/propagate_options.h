#pragma once
// Options of writing trace context onto the wire, for suture run.

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/result.h"
#include "header_writing.h"
#include "process/named_processes.h"
#include "trace/formats/propagators.h"

namespace suture {

struct PropagateArguments {
  std::string method = "off";
  std::vector<std::string> services, executables, peers;
  std::vector<std::uint16_t> ports;
};

struct PropagateOptions {
  HeaderOptions headers;
  NamedProcesses processes;
};

void add_propagate_options(CLI::App& run, PropagateArguments& arguments);
/// `propagators`: the formats that are read.
Result<PropagateOptions> propagate_options_of(const PropagateArguments& arguments, const Propagators& propagators);

}  // namespace suture
