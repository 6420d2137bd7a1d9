#pragma once

#include "base/fd.h"
#include "base/result.h"

namespace suture {

/// The root of the cgroup2 hierarchy, as a directory: where it is mounted, or a mount that nobody else sees.
Result<Fd> open_cgroup_root();

}  // namespace suture
