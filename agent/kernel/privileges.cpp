#include "kernel/privileges.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace suture {
namespace {

struct Sets {
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3]{};
};

// The C library has no wrapper; libcap would be a dependency for two calls.
bool read_sets(Sets& sets) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  return ::syscall(SYS_capget, &header, sets.data) == 0;
}

bool write_sets(const Sets& sets) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  return ::syscall(SYS_capset, &header, sets.data) == 0;
}

std::size_t word_of(Capability capability) { return static_cast<std::size_t>(capability) / 32; }
std::uint32_t bit_of(Capability capability) { return 1u << (static_cast<unsigned>(capability) % 32); }

Error failure(const char* what) { return Error{std::string(what) + ": " + std::strerror(errno)}; }

}  // namespace

bool has_capability(Capability capability) {
  Sets sets;
  return read_sets(sets) && (sets.data[word_of(capability)].effective & bit_of(capability)) != 0;
}

std::string name_of(Capability capability) {
  switch (capability) {
    case Capability::DacReadSearch: return "CAP_DAC_READ_SEARCH";
    case Capability::NetAdmin: return "CAP_NET_ADMIN";
    case Capability::SysPtrace: return "CAP_SYS_PTRACE";
    case Capability::SysAdmin: return "CAP_SYS_ADMIN";
    case Capability::SysResource: return "CAP_SYS_RESOURCE";
    case Capability::Perfmon: return "CAP_PERFMON";
    case Capability::Bpf: return "CAP_BPF";
    case Capability::CheckpointRestore: return "CAP_CHECKPOINT_RESTORE";
  }
  return "";
}

Status keep_only(const std::vector<Capability>& kept) {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failure("prctl(PR_SET_NO_NEW_PRIVS)");
  Sets sets;
  if (!read_sets(sets)) return failure("capget");
  std::uint32_t mask[_LINUX_CAPABILITY_U32S_3]{};
  for (Capability capability : kept) mask[word_of(capability)] |= bit_of(capability);
  for (std::size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; ++i) {
    sets.data[i].permitted &= mask[i];
    sets.data[i].effective = sets.data[i].permitted;
    sets.data[i].inheritable = 0;
  }
  if (!write_sets(sets)) return failure("capset");
  return Nothing{};
}

Status set_effective(Capability capability, bool on) {
  Sets sets;
  if (!read_sets(sets)) return failure("capget");
  auto& data = sets.data[word_of(capability)];
  if (on) data.effective |= bit_of(capability) & data.permitted;
  else data.effective &= ~bit_of(capability);
  if (!write_sets(sets)) return failure("capset");
  return Nothing{};
}

}  // namespace suture
