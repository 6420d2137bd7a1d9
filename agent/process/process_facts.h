#pragma once
// ProcessFacts: what is known of one process, as a plain value. Read from /proc by ProcReader, taken from an exec event
// when /proc came too late, or fed from a recording. Everything that a service's name depends on is in here, so that a
// replay on another machine finds the same name.

#include <cstdint>
#include <string>
#include <vector>

#include "process/resource_attributes.h"

namespace suture {

struct ProcessFacts {
  static constexpr std::uint32_t kUnknownUid = 0xffffffff;  // (uid_t)-1 is nobody's

  std::uint32_t pid = 0;       // in the initial PID namespace
  std::uint64_t start_ns = 0;  // CLOCK_BOOTTIME
  std::uint32_t owner_uid = kUnknownUid;

  std::string exe;                // absolute path as the process sees it; "" = not readable
  std::string comm;               // the kernel's 15 bytes
  std::string cwd;                // working directory as the process sees it
  std::vector<std::string> args;  // bounded by ProcReader: long ones are cut, the tail of long lists is missing

  std::string otel_service_name;         // OTEL_SERVICE_NAME of its environment
  std::string otel_resource_attributes;  // OTEL_RESOURCE_ATTRIBUTES, undecoded

  ResourceAttributes published;          // of its resource, by an SDK inside: process_context.h

  std::string traceparent, tracestate;   // TRACEPARENT and TRACESTATE: the trace that the process was started for

  std::string cgroup_path;
  std::string container_id;  // 64 hex digits, or ""
  std::string systemd_unit;  // "nginx.service", only of services outside containers
  std::string package_name;  // "name" of the package.json that belongs to a Node program

  bool complete = false;  // nothing above was withheld for want of permission or time
  bool awaited = false;   // what is known so far: the rest was asked for, and comes as another set

  friend bool operator==(const ProcessFacts&, const ProcessFacts&) = default;

  /// Bytes this value holds, heap included: what tables are bounded by.
  std::size_t weight_bytes() const {
    std::size_t sum = sizeof(ProcessFacts) + exe.capacity() + comm.capacity() + cwd.capacity() +
                      otel_service_name.capacity() + otel_resource_attributes.capacity() + traceparent.capacity() + tracestate.capacity() + cgroup_path.capacity() +
                      container_id.capacity() + systemd_unit.capacity() + package_name.capacity() +
                      args.capacity() * sizeof(std::string);
    for (const std::string& arg : args) sum += arg.capacity();
    for (const auto& [key, value] : published) sum += sizeof(key) + sizeof(value) + key.capacity() + value.capacity();
    return sum;
  }
};

}  // namespace suture
