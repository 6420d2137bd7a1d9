#include "kernel/cgroup_root.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/statfs.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace suture {

Result<Fd> open_cgroup_root() {
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  for (const char* place : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}) {
    struct statfs facts{};
    if (::statfs(place, &facts) == 0 && facts.f_type == CGROUP2_SUPER_MAGIC)
      if (Fd fd(::open(place, kFlags)); fd.valid()) return fd;
  }
  const Fd context(::fsopen("cgroup2", FSOPEN_CLOEXEC));
  if (!context.valid() || ::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0)
    return Error{std::string("no cgroup2 file system: ") + std::strerror(errno)};
  const Fd mount(::fsmount(context.get(), FSMOUNT_CLOEXEC, 0));
  Fd root(mount.valid() ? ::openat(mount.get(), ".", kFlags) : -1);
  if (!root.valid()) return Error{std::string("cgroup2 cannot be mounted: ") + std::strerror(errno)};
  return root;
}

}  // namespace suture
