#pragma once
// Doctor: examines whether the agent can work on this host, and says what to mend. Changes nothing that lasts.

#include <string>
#include <vector>

#include "base/result.h"
#include "doctor/finding.h"
#include "export/otlp/options.h"
#include "kernel/hook_plan.h"

namespace suture {

struct DoctorOptions {
  HookChoice hooks = HookChoice::Auto;  // of which the loopback request is seen; a mechanism by name must attach
  Result<std::vector<BackendOptions>> destinations = std::vector<BackendOptions>();
  EnvironmentLookup environment;        // as std::getenv
};

/// All checks, in the order in which one depends on another; some seconds. Needs no privilege: what is missing is
/// found. Forks (the loopback request) and starts libcurl: called once, by a process that has no other threads.
std::vector<Finding> examine(const DoctorOptions& options);

/// Whether this process may attach to the kernel at all.
bool may_attach();

}  // namespace suture
