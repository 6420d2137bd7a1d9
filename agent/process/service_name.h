#pragma once
// The service.name of a process, by rank: the first source that says anything wins.

#include <cstdint>
#include <string>

#include "process/process_facts.h"
#include "process/resource_attributes.h"

namespace suture {

/// In order of rank. Between the process context and systemd there is room for Kubernetes metadata.
enum class NameSource : std::uint8_t {
  ServiceNameVariable,         // OTEL_SERVICE_NAME
  ResourceAttributesVariable,  // service.name in OTEL_RESOURCE_ATTRIBUTES
  ProcessContext,              // service.name in what an SDK publishes, unless it did not know either
  SystemdUnit,                 // nginx.service -> nginx
  Program,                     // command_line.h
  Unknown,                     // unknown_service:<executable>
};

struct ServiceName {
  std::string name;
  NameSource source = NameSource::Unknown;
};

/// `environment`: what OTEL_RESOURCE_ATTRIBUTES decodes to.
ServiceName service_name_of(const ProcessFacts& facts, const ResourceAttributes& environment);

/// "nginx" for "nginx.service"; "" for units that merely start other people's programs (cron, ssh, ...).
std::string name_of_unit(std::string_view systemd_unit);

}  // namespace suture
