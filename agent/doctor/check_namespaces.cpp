// The namespaces that must be the host's.

#include <limits.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "doctor/checks.h"

namespace suture {
namespace {

// The kernel's own, the same on every host since 3.8 (include/linux/proc_ns.h: PROC_USER_INIT_INO, PROC_PID_INIT_INO).
constexpr std::string_view kHostUser = "user:[4026531837]";
constexpr std::string_view kHostPid = "pid:[4026531836]";

/// Where the link points, or why that cannot be told.
std::string target_of(const std::string& path) {
  char target[PATH_MAX];
  const ssize_t length = ::readlink(path.c_str(), target, sizeof(target));
  if (length < 0) return path + ": " + std::strerror(errno);
  return std::string(target, static_cast<std::size_t>(length));
}

Finding user_namespace(const std::string& own) {
  Finding finding{"namespace.user", FindingState::Pass, target_of(own + "/user"),
                  "the host's: BPF counts capabilities there only", ""};
  if (finding.found == kHostUser) return finding;
  finding.state = FindingState::Fail;
  finding.mend = "run outside of rootless containers and user namespaces";
  return finding;
}

Finding pid_namespace(const std::string& own, const std::string& proc_root) {
  Finding finding{"namespace.pid", FindingState::Pass, target_of(own + "/pid"), "the host's: /proc names the services",
                  ""};
  if (finding.found == kHostPid) return finding;
  if (target_of(proc_root + "/1/ns/pid") == kHostPid) {
    finding.found += ", but " + proc_root + " is the host's";
    return finding;
  }
  finding.state = FindingState::Warn;
  finding.mend = "docker run --pid=host, Kubernetes hostPID: true, or HOST_PROC=PATH of the host's /proc";
  return finding;
}

}  // namespace

std::vector<Finding> check_namespaces(const std::string& own, const std::string& proc_root) {
  return {user_namespace(own), pid_namespace(own, proc_root)};
}

}  // namespace suture
