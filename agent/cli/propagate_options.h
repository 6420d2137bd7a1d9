#pragma once
// Options of writing trace context onto the wire, for suture run.

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/result.h"
#include "context_writing.h"
#include "process/named_processes.h"
#include "trace/formats/propagators.h"

namespace suture {

struct PropagateArguments {
  std::string method = "off";
  std::vector<std::string> services, executables, peers;
  std::vector<std::uint16_t> ports;
};

struct PropagateOptions {
  WritingOptions writing;
  NamedProcesses processes;
};

void add_propagate_options(CLI::App& run, PropagateArguments& arguments);
/// `propagators`: the formats that are read. `id_key_is_shared`: by --id-key-file.
Result<PropagateOptions> propagate_options_of(const PropagateArguments& arguments, const Propagators& propagators, bool id_key_is_shared);

}  // namespace suture
