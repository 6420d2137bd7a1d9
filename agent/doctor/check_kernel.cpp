// Kernel version and BTF.

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include <fmt/format.h>

#include "base/fd.h"
#include "base/kernel_version.h"
#include "doctor/checks.h"

namespace suture {
Finding check_kernel_version(std::string_view release) {
  // 5.12: atomic instructions that return a value. 5.15: the registers of a task. 5.19: tcp_recvmsg as fexit takes it.
  Finding finding{"kernel.version", FindingState::Pass, "Linux " + std::string(release), "6.1 or newer", ""};
  if (kernel_is(release, 6, 1)) return finding;
  const bool may_do = kernel_is(release, 5, 19);
  finding.state = may_do ? FindingState::Warn : FindingState::Fail;
  finding.mend = may_do ? "older ones than 6.1 have not been seen to load the programs; the hooks below say whether this one does" : "update the kernel";
  return finding;
}

Finding check_btf(const std::string& path) {
  Finding finding{"kernel.btf", FindingState::Pass, path, "the kernel's types, readable", ""};
  constexpr std::uint16_t kMagic = 0xEB9F;  // BTF_MAGIC, include/uapi/linux/btf.h
  std::uint16_t magic = 0;
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) finding.found = path + ": " + std::strerror(errno);
  else if (::read(fd.get(), &magic, sizeof(magic)) != sizeof(magic) || magic != kMagic)
    finding.found = path + ": is no BTF";
  else return finding;
  finding.state = FindingState::Fail;
  finding.mend = "boot a kernel with CONFIG_DEBUG_INFO_BTF=y; in a container, mount /sys";
  return finding;
}

}  // namespace suture
