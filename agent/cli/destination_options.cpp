#include "destination_options.h"

#include <algorithm>
#include <utility>

#include "export/exporter_choice.h"
#include "export/otlp/preset.h"

namespace suture {
namespace {

using Destinations = std::vector<BackendOptions>;

/// A file that nobody asks for is a mistake, and the key in it is missed elsewhere.
Status check_key_files(const DestinationArguments& a) {
  for (const std::string& text : a.key_files) {
    const std::string name = text.substr(0, text.find('='));
    if (std::none_of(a.to.begin(), a.to.end(), [&](const std::string& to) { return to.substr(0, to.find_first_of("@=")) == name; }))
      return Error{"--api-key-file " + name + ": no --to names this backend. Write NAME=FILE, with a NAME that --to has."};
  }
  return Nothing{};
}

}  // namespace

OtlpProtocol protocol_of(const DestinationArguments& arguments) {
  return protocol_named(arguments.otlp_protocol).value_or(OtlpProtocol::HttpProtobuf);  // the option takes no other name
}

void number_namesakes(Destinations& destinations) {
  std::vector<std::string> names;
  for (const BackendOptions& each : destinations) names.push_back(each.name);
  for (std::size_t i = 0; i < names.size(); ++i)
    if (std::count(names.begin(), names.end(), names[i]) > 1)
      destinations[i].name += "-" + std::to_string(1 + std::count(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]));
}

void add_destination_options(CLI::App& command, DestinationArguments& a) {
  command.add_option("--otlp", a.otlp, "Send spans by OTLP to http(s)://HOST:4318, grpc(s)://HOST:4317 or unix:/PATH; may be repeated "
                                       "(default: OTEL_EXPORTER_OTLP_ENDPOINT, else none)")
      ->envname("SUTURE_OTLP")
      ->delimiter(',')
      ->allow_extra_args(false);
  command.add_option("--otlp-protocol", a.otlp_protocol, "How --otlp speaks: http/protobuf, http/json, grpc")
      ->envname("SUTURE_OTLP_PROTOCOL")
      ->check(CLI::IsMember({"http/protobuf", "http/json", "grpc"}));
  command.add_option("--to", a.to, "Send spans to a backend by its name: NAME, NAME@REGION or NAME=URL; may be repeated. Names: " + preset_names() +
                                       ". A key is read from the backend's usual variable")
      ->envname("SUTURE_TO")
      ->delimiter(',')
      ->allow_extra_args(false);
  command.add_option("--api-key-file", a.key_files, "NAME=FILE: the file holds the key of --to NAME; may be repeated")
      ->envname("SUTURE_API_KEY_FILE")
      ->delimiter(',')
      ->allow_extra_args(false);
}

void add_spill_options(CLI::App& command, DestinationArguments& a) {
  command.add_option("--spill", a.spill, "Keep spans that could not be sent in this directory: they survive a restart of the agent")
      ->envname("SUTURE_SPILL");
  command.add_option("--spill-max", a.spill_max, "What may wait there, for each destination (default: 256MiB); beyond, the oldest are dropped and counted")
      ->envname("SUTURE_SPILL_MAX")
      ->transform(CLI::AsSizeValue(false));
}

Result<Destinations> destinations_of(const DestinationArguments& a, const EnvironmentLookup& lookup, Warnings& warnings) {
  Destinations destinations;
  std::string error;
  const auto add = [&](Result<BackendOptions> options) {
    if (!options) {
      if (error.empty()) error = options.error();
      return;
    }
    for (const std::string& warning : options->warnings)  // of variables that destinations share
      if (std::find(warnings.begin(), warnings.end(), warning) == warnings.end()) warnings.push_back(warning);
    if (options->enabled()) destinations.push_back(std::move(options).value());
  };
  for (const std::string& url : a.otlp) add(otlp_options_from(lookup, url, protocol_of(a)));
  for (const std::string& to : a.to) add(preset_options_from(lookup, to, a.key_files));
  if (a.otlp.empty() && a.to.empty()) {
    add(otlp_options_from(lookup, {}));
    Warnings said_already;
    if (exporter_choice_from(lookup, said_already).zipkin) add(preset_options_from(lookup, "zipkin", {}));
  }
  if (!error.empty()) return Error{error};
  if (Status status = check_key_files(a); !status) return Error{status.error()};

  for (BackendOptions& each : destinations)
    if (!a.spill.empty()) each.spill_to(a.spill, a.spill_max);
  number_namesakes(destinations);
  return destinations;
}

}  // namespace suture
