// Capabilities one by one, with the feature that each is for.

#include "base/kernel_version.h"
#include "doctor/checks.h"

namespace suture {
namespace {

struct Use {
  Capability capability;
  FindingState without;  // the state if it is missing
  const char* needed;
};

constexpr Use kUses[] = {
    {Capability::Bpf, FindingState::Fail, "to load programs and maps"},
    {Capability::Perfmon, FindingState::Fail, "to watch kernel functions and read what they read"},
    {Capability::SysPtrace, FindingState::Warn, "for service names: other users' /proc/PID/exe and environ"},
    {Capability::DacReadSearch, FindingState::Warn, "for service names: other users' package.json"},
};

std::string mend_of(Capability capability) {
  const std::string name = name_of(capability);
  return "run as root, or add " + name + " (systemd AmbientCapabilities=, Kubernetes capabilities.add)";
}

/// Until Linux 5.8 CAP_SYS_ADMIN was both (commits a17b53c4a4b5, 980737282232) and it still stands for both.
bool covered_by_sys_admin(Capability capability) {
  return capability == Capability::Bpf || capability == Capability::Perfmon;
}

Finding judge_use(const Use& use, const std::function<bool(Capability)>& has) {
  Finding finding{"capability." + name_of(use.capability), FindingState::Pass, "present", use.needed, ""};
  if (has(use.capability)) return finding;
  if (covered_by_sys_admin(use.capability) && has(Capability::SysAdmin)) {
    finding.found = "absent, but CAP_SYS_ADMIN covers it";
    return finding;
  }
  finding.state = use.without;
  finding.found = "absent";
  finding.mend = mend_of(use.capability);
  return finding;
}

/// Before 5.11 maps are charged to RLIMIT_MEMLOCK (commit 3ac1f01b43b6), which only this capability may raise.
Finding sys_resource(const std::function<bool(Capability)>& has, std::string_view release) {
  const bool present = has(Capability::SysResource), used = !kernel_is(release, 5, 11);
  Finding finding{"capability.CAP_SYS_RESOURCE", FindingState::Pass, present ? "present" : "absent",
                  "before Linux 5.11 only, for locked memory", ""};
  if (!used) {
    finding.state = FindingState::Skip;
  } else if (!present) {
    finding.state = FindingState::Warn;
    finding.mend = mend_of(Capability::SysResource) + ", or raise the limit (LimitMEMLOCK=infinity)";
  }
  return finding;
}

}  // namespace

std::vector<Finding> check_capabilities(const std::function<bool(Capability)>& has, std::string_view release) {
  std::vector<Finding> findings;
  for (const Use& use : kUses) findings.push_back(judge_use(use, has));
  findings.push_back(sys_resource(has, release));
  return findings;
}

}  // namespace suture
