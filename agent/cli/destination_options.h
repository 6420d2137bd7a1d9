#pragma once
// The options that say where spans are sent over the network: --otlp, --to and what belongs to them.

#include <cstdint>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/result.h"
#include "export/environment.h"
#include "export/otlp/options.h"

namespace suture {

/// As text, what the command line, the environment and the configuration file say.
struct DestinationArguments {
  std::vector<std::string> otlp, to, key_files;
  std::string otlp_protocol = "http/protobuf", spill;
  std::uint64_t spill_max = 256ull << 20;
};

/// `arguments` outlives `command`. Each option is also SUTURE_<OPTION>.
void add_destination_options(CLI::App& command, DestinationArguments& arguments);
void add_spill_options(CLI::App& command, DestinationArguments& arguments);

/// What --otlp-protocol names.
OtlpProtocol protocol_of(const DestinationArguments& arguments);
/// Ledgers and messages tell destinations of one name apart by their number.
void number_namesakes(std::vector<BackendOptions>& destinations);

/// One destination for each --otlp and --to; without any, those that OpenTelemetry's variables name.
Result<std::vector<BackendOptions>> destinations_of(const DestinationArguments& arguments, const EnvironmentLookup& lookup, Warnings& warnings);

}  // namespace suture
