// Ranked service names: see service_name.h.
#include "process/service_name.h"

#include "process/arguments.h"
#include "process/command_line.h"

namespace suture {
namespace {

// OpenTelemetry resource conventions, service.name: this and ":" with the executable's name, if it is known.
constexpr std::string_view kUnknown = "unknown_service";

/// npm and its like run in the directory of a package without being it.
bool is_package_tool(std::string_view name) {
  static constexpr std::string_view kTools[] = {"npm", "npx", "yarn", "pnpm", "corepack"};
  return one_of(name, kTools);
}

std::string name_of_program(const ProcessFacts& facts) {
  Program program = read_program(facts);
  const bool named_by_package = program.runtime == Runtime::Node && !is_package_tool(program.name);
  return named_by_package && !facts.package_name.empty() ? facts.package_name : std::move(program.name);
}

}  // namespace

std::string name_of_unit(std::string_view systemd_unit) {
  static constexpr std::string_view kSuffix = ".service";
  static constexpr std::string_view kLaunchers[] = {"cron",  "crond",      "anacron",     "atd",     "ssh",
                                                    "sshd",  "supervisor", "supervisord", "rc-local", "docker",
                                                    "containerd"};
  if (!systemd_unit.ends_with(kSuffix)) return {};
  systemd_unit.remove_suffix(kSuffix.size());
  // "sshd@2-10.0.0.1:22-...": an instance per connection.
  if (one_of(systemd_unit.substr(0, systemd_unit.find('@')), kLaunchers)) return {};
  return std::string(systemd_unit);
}

ServiceName service_name_of(const ProcessFacts& facts, const ResourceAttributes& environment) {
  if (!facts.otel_service_name.empty()) return {facts.otel_service_name, NameSource::ServiceNameVariable};
  for (const auto& [key, value] : environment)
    if (key == "service.name" && !value.empty()) return {value, NameSource::ResourceAttributesVariable};
  for (const auto& [key, value] : facts.published)
    if (key == "service.name" && !value.empty() && !value.starts_with(kUnknown)) return {value, NameSource::ProcessContext};
  if (std::string name = name_of_unit(facts.systemd_unit); !name.empty())
    return {std::move(name), NameSource::SystemdUnit};
  if (std::string name = name_of_program(facts); !name.empty()) return {std::move(name), NameSource::Program};
  const std::string executable = executable_name(facts);
  return {executable.empty() ? std::string(kUnknown) : std::string(kUnknown) + ":" + executable, NameSource::Unknown};
}

}  // namespace suture
