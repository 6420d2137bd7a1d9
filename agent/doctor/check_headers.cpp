#include "doctor/checks.h"
#include "kernel/cgroup_root.h"
#include "kernel/header_self_test.h"

namespace suture {
namespace {

/// As suture run --propagate header chooses.
Status test(HookChoice choice, int cgroup) {
  if (choice != HookChoice::Auto) return header_self_test(choice, cgroup);
  Status tested = Nothing{};
  for (HookChoice hooks : kHeaderHooks)
    if (tested = header_self_test(hooks, cgroup); tested) break;
  return tested;
}

}  // namespace

Finding check_headers(HookChoice choice, bool may_attach) {
  Finding finding{"propagate.header", FindingState::Skip, "not tried: nothing attaches without CAP_BPF and CAP_PERFMON", "for --propagate header only", "run as root"};
  if (!may_attach) return finding;
  Result<Fd> cgroup = open_cgroup_root();
  const Status tested = cgroup ? test(choice, cgroup->get()) : Status(Error{cgroup.error()});
  finding.mend.clear();
  if (tested) finding.state = FindingState::Pass;
  finding.found = tested ? "the self-test on loopback found nothing odd" : "cannot be used here: " + tested.error();
  return finding;
}

}  // namespace suture
