#pragma once
// Before anybody's traffic is touched: does this kernel do what writing headers needs? Tried on sockets of our own.

#include "base/result.h"
#include "kernel/hook_plan.h"

namespace suture {

/// Attaches programs of its own, lets a child of ours talk with itself over loopback, and detaches them. An error says what was odd:
/// then nothing may be written. Takes some seconds. To be called before other threads start; `cgroup` as for Probe::write_headers().
Status header_self_test(HookChoice hooks, int cgroup);

}  // namespace suture
