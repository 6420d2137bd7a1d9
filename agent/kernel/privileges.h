#pragma once
// What the agent may do: the capabilities it has, and giving up those it no longer needs.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace suture {

enum class Capability : int {  // linux/capability.h
  DacReadSearch = 2, NetAdmin = 12, SysPtrace = 19, SysAdmin = 21, SysResource = 24, Perfmon = 38, Bpf = 39, CheckpointRestore = 40
};

bool has_capability(Capability capability);
std::string name_of(Capability capability);  // "CAP_BPF"

/// Keeps only `kept` of what the process has, for good, and no more by exec.
Status keep_only(const std::vector<Capability>& kept);
/// Effective set only, so that it can be undone: for trying what works without.
Status set_effective(Capability capability, bool on);

}  // namespace suture
