// HostFacts from uname, /etc/machine-id and the clocks: see host_facts.h.
#include "process/host_facts.h"

#include <sys/utsname.h>
#include <time.h>

#include <fstream>

namespace suture {
namespace {

std::int64_t now_ns(clockid_t clock) {
  timespec now{};
  if (clock_gettime(clock, &now) != 0) return 0;
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

std::string first_line_of(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line.size() <= 256 ? line : std::string();  // HOST_NAME_MAX is 64, a machine id 32
}

}  // namespace

std::string host_arch_of(const std::string& machine) {
  if (machine == "x86_64") return "amd64";
  if (machine == "aarch64") return "arm64";
  if (machine == "i686" || machine == "i386") return "x86";
  if (machine == "ppc64le") return "ppc64";
  if (machine.rfind("arm", 0) == 0) return "arm32";
  return machine;
}

HostFacts read_host_facts(const std::string& root) {
  HostFacts facts;
  const std::string prefix = root == "/" ? "" : root;
  utsname names{};
  if (uname(&names) == 0) {
    facts.name = names.nodename;
    facts.arch = host_arch_of(names.machine);
  }
  // In a container uname tells the container's name unless it shares the host's.
  if (!prefix.empty())
    if (std::string name = first_line_of(prefix + "/etc/hostname"); !name.empty()) facts.name = name;
  facts.id = first_line_of(prefix + "/etc/machine-id");
  facts.boot_unix_ns = now_ns(CLOCK_REALTIME) - now_ns(CLOCK_BOOTTIME);
  return facts;
}

}  // namespace suture
