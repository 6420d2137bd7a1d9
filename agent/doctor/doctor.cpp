#include "doctor/doctor.h"

#include <sys/utsname.h>

#include <iterator>

#include "doctor/checks.h"
#include "kernel/privileges.h"
#include "kernel/probe.h"

namespace suture {
namespace {

void append(std::vector<Finding>& all, std::vector<Finding>&& some) {
  all.insert(all.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
}

}  // namespace

bool may_attach() {
  if (has_capability(Capability::SysAdmin)) return true;
  return has_capability(Capability::Bpf) && has_capability(Capability::Perfmon);
}

std::vector<Finding> examine(const DoctorOptions& options) {
  const char* host_proc = options.environment("HOST_PROC");
  const std::string proc_root = host_proc && *host_proc ? host_proc : "/proc";
  utsname system{};
  ::uname(&system);

  std::vector<Finding> all;
  all.push_back(check_kernel_version(system.release));
  all.push_back(check_btf("/sys/kernel/btf/vmlinux"));
  append(all, check_policies("/proc/sys/kernel", "/sys/kernel/security/lockdown"));
  append(all, check_capabilities(has_capability, system.release));
  append(all, check_namespaces("/proc/self/ns", proc_root));
  append(all, check_hooks(may_attach() ? Probe::try_all() : refused_attempts(), options.hooks));
  all.push_back(check_loopback(options.hooks, may_attach()));
  all.push_back(check_headers(options.hooks, may_attach()));
  append(all, check_destinations(options.destinations));
  return all;
}

}  // namespace suture
