// Settings of the kernel that restrict BPF.

#include <fstream>
#include <optional>

#include "doctor/checks.h"

namespace suture {
namespace {

std::optional<std::string> first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  return line;
}

Finding unprivileged_bpf(const std::optional<std::string>& value) {
  Finding finding{"kernel.unprivileged_bpf_disabled", FindingState::Pass, "", "any: suture uses its capabilities", ""};
  // Documentation/admin-guide/sysctl/kernel.rst
  if (!value) finding.found = "no such setting";
  else if (*value == "0") finding.found = "0: BPF is open to every user";
  else if (*value == "1") finding.found = "1: BPF needs CAP_BPF, until the next boot";
  else finding.found = *value + ": BPF needs CAP_BPF";
  return finding;
}

Finding perf_event_paranoid(const std::optional<std::string>& value) {
  return {"kernel.perf_event_paranoid", FindingState::Pass, value.value_or("no such setting"),
          "any: suture attaches without perf events", ""};
}

Finding lockdown(const std::optional<std::string>& value) {
  Finding finding{"kernel.lockdown", FindingState::Pass, "off: no such setting", "none or integrity", ""};
  if (!value) return finding;
  const std::size_t open = value->find('['), close = value->find(']');  // "none [integrity] confidentiality"
  finding.found = open < close && close != std::string::npos ? value->substr(open + 1, close - open - 1) : *value;
  if (finding.found != "confidentiality") return finding;
  // LOCKDOWN_BPF_READ_KERNEL, commit 9d1f8be5cf42
  finding.state = FindingState::Warn;
  finding.found += ": BPF programs may not read kernel memory";
  finding.mend = "boot with lockdown=integrity";
  return finding;
}

}  // namespace

std::vector<Finding> check_policies(const std::string& sysctl_kernel, const std::string& lockdown_path) {
  return {unprivileged_bpf(first_line(sysctl_kernel + "/unprivileged_bpf_disabled")),
          perf_event_paranoid(first_line(sysctl_kernel + "/perf_event_paranoid")), lockdown(first_line(lockdown_path))};
}

}  // namespace suture
