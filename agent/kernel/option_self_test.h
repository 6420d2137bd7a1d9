#pragma once
// Before anybody's segments carry anything of ours: does this kernel do what the TCP option needs? Tried on sockets of our own.

#include "base/result.h"
#include "kernel/hook_plan.h"

namespace suture {

/// As header_self_test(), of Probe::carry_traces().
Status option_self_test(HookChoice hooks, int cgroup);

}  // namespace suture
