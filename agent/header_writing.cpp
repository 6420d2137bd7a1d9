#include "header_writing.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/statfs.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "kernel/header_self_test.h"

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

Status begin_header_writing(Probe& probe, HookChoice hooks, const HeaderOptions& options, const IdKey& key) {
  Result<Fd> cgroup = open_cgroup_root();
  if (!cgroup) return Error{cgroup.error()};
  if (Status tested = header_self_test(hooks, cgroup->get()); !tested) return tested;
  trace_settings settings{};
  std::memcpy(settings.id_key, key.bytes.data(), sizeof(settings.id_key));
  settings.port_count = static_cast<std::uint32_t>(std::min<std::size_t>(options.ports.size(), SUTURE_TRACE_PORTS));
  std::copy_n(options.ports.begin(), settings.port_count, settings.ports);
  settings.address_count = static_cast<std::uint32_t>(std::min<std::size_t>(options.addresses.size(), SUTURE_TRACE_ADDRESSES));
  for (std::uint32_t i = 0; i < settings.address_count; ++i) std::copy(options.addresses[i].begin(), options.addresses[i].end(), settings.addresses[i]);
  if (Status follows = probe.follow_traces(settings); !follows) return follows;
  return probe.write_headers(cgroup->get());
}

}  // namespace suture
