#pragma once
// HostFacts: what all resources of one host share. Read once at the start; replays take them from the recording.

#include <cstdint>
#include <string>

namespace suture {

struct HostFacts {
  std::string name = {};  // host.name
  std::string id = {};    // host.id: /etc/machine-id
  std::string arch = {};  // host.arch, in OpenTelemetry's words
  // Unix time of the boot: what turns a process's start on CLOCK_BOOTTIME into process.creation.time. 0 = unknown.
  std::int64_t boot_unix_ns = 0;

  friend bool operator==(const HostFacts&, const HostFacts&) = default;
};

/// `root` is where the host's file system is mounted: "/", or elsewhere when the agent runs in a container.
HostFacts read_host_facts(const std::string& root);

/// "amd64" for uname's "x86_64", and so on; other machines keep uname's word.
std::string host_arch_of(const std::string& machine);

}  // namespace suture
