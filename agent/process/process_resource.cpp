// Resources of processes: see process_resource.h.
#include "process/process_resource.h"

#include <time.h>

#include <algorithm>
#include <cstdio>

#include "process/command_line.h"
#include "process/resource_attributes.h"
#include "process/service_name.h"
#include "process/uuid.h"

namespace suture {
namespace {

// process.command may be a title of any length; this much of it tells commands apart.
constexpr std::size_t kCommandMax = 256;

void set(Resource& resource, std::string_view key, Resource::Value value) {
  const auto same = [&](const Resource::Attribute& attribute) { return attribute.key == key; };
  const auto old = std::find_if(resource.attributes.begin(), resource.attributes.end(), same);
  if (old != resource.attributes.end()) {
    old->value = std::move(value);
  } else {
    resource.attributes.push_back({std::string(key), std::move(value)});
  }
}

void set_text(Resource& resource, std::string_view key, std::string_view value) {
  if (!value.empty()) set(resource, key, std::string(value));
}

/// The SDK knows its service best, and we see process, host and container from outside, where pids and names are those of
/// the host. Command lines may hold secrets; telemetry.* is said of whoever exports.
bool may_be_published(std::string_view key, const Resource& resource) {
  if (key == "service.name" || key.starts_with("telemetry.") || key.starts_with("process.command")) return false;
  const auto same = [&](const Resource::Attribute& attribute) { return attribute.key == key; };
  return key.starts_with("service.") || std::none_of(resource.attributes.begin(), resource.attributes.end(), same);
}

/// process.runtime.name, where the executable alone tells it.
std::string_view runtime_name(Runtime runtime, const ProcessFacts& facts) {
  const std::string executable = executable_name(facts);
  switch (runtime) {
    case Runtime::Python: return executable.starts_with("pypy") ? "pypy" : "cpython";
    case Runtime::Node:
      return executable.starts_with("node") ? std::string_view("nodejs") : executable == "bun" ? "bun" : "deno";
    case Runtime::Ruby: return "ruby";
    case Runtime::Dotnet: return ".NET";
    case Runtime::Java:
      return facts.exe.find("openjdk") != std::string::npos ? "OpenJDK Runtime Environment" : std::string_view{};
    case Runtime::Php:
    case Runtime::Perl:
    case Runtime::Shell:
    case Runtime::Native: return {};
  }
  return {};
}

/// ISO 8601 with milliseconds, as process.creation.time asks for.
std::string iso_time(std::int64_t unix_ns) {
  const time_t seconds = static_cast<time_t>(unix_ns / 1'000'000'000);
  tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900, parts.tm_mon + 1,
                parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                static_cast<int>(unix_ns / 1'000'000 % 1000));
  return text;
}

}  // namespace

Resource make_resource(const HostFacts& host, const ProcessKey& key, const ProcessFacts& facts,
                       bool& malformed_environment) {
  const std::optional<ResourceAttributes> environment = parse_resource_attributes(facts.otel_resource_attributes);
  if (!environment) malformed_environment = true;
  const ResourceAttributes attributes = environment.value_or(ResourceAttributes{});

  Resource resource;
  set(resource, "service.name", service_name_of(facts, attributes).name);
  set(resource, "service.instance.id",
      uuid_v5(kServiceInstanceNamespace,
              host.id + ":" + std::to_string(key.tgid) + ":" + std::to_string(key.start_ns)));
  set(resource, "process.pid", std::int64_t{key.tgid});
  set_text(resource, "process.executable.name", executable_name(facts));
  if (facts.exe.starts_with('/')) set_text(resource, "process.executable.path", facts.exe);
  if (!facts.args.empty())
    set_text(resource, "process.command", std::string_view(facts.args[0]).substr(0, kCommandMax));
  if (host.boot_unix_ns > 0 && key.start_ns > 0)
    set(resource, "process.creation.time", iso_time(host.boot_unix_ns + static_cast<std::int64_t>(key.start_ns)));
  set_text(resource, "process.runtime.name", runtime_name(runtime_of(executable_name(facts)), facts));
  set_text(resource, "container.id", facts.container_id);
  set_text(resource, "host.name", host.name);
  set_text(resource, "host.id", host.id);
  set_text(resource, "host.arch", host.arch);
  set(resource, "os.type", std::string("linux"));

  for (const auto& [name, value] : facts.published)
    if (may_be_published(name, resource)) set(resource, name, value);
  for (const auto& [name, value] : attributes)
    if (name != "service.name" && !name.starts_with("telemetry.")) set(resource, name, value);
  return resource;
}

}  // namespace suture
