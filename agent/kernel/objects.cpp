#include "kernel/objects.h"

#include "header.skel.h"
#include "io_fentry.skel.h"
#include "io_sendmsg_locked.skel.h"
#include "io_sendpage.skel.h"
#include "io_sock_length.skel.h"
#include "io_sys_exit.skel.h"
#include "io_uring.skel.h"
#include "option.skel.h"
#include "process.skel.h"
#include "state.skel.h"
#include "state_by_address.skel.h"
#include "trace.skel.h"
#include "unix_sock_length.skel.h"
#include "unix_sys_exit.skel.h"
#include "wake.skel.h"

namespace suture {
namespace {

std::span<const std::byte> bytes_of(const void* (*elf_bytes)(std::size_t*)) {
  std::size_t size = 0;
  const void* data = elf_bytes(&size);
  return {static_cast<const std::byte*>(data), size};
}

}  // namespace

std::span<const std::byte> bpf_object_bytes(std::string_view name) {
  if (name == "io_sendmsg_locked") return bytes_of(io_sendmsg_locked__elf_bytes);
  if (name == "io_sock_length") return bytes_of(io_sock_length__elf_bytes);
  if (name == "io_fentry") return bytes_of(io_fentry__elf_bytes);
  if (name == "io_sendpage") return bytes_of(io_sendpage__elf_bytes);
  if (name == "io_uring") return bytes_of(io_uring__elf_bytes);
  if (name == "io_sys_exit") return bytes_of(io_sys_exit__elf_bytes);
  if (name == "state") return bytes_of(state__elf_bytes);
  if (name == "state_by_address") return bytes_of(state_by_address__elf_bytes);
  if (name == "unix_sock_length") return bytes_of(unix_sock_length__elf_bytes);
  if (name == "unix_sys_exit") return bytes_of(unix_sys_exit__elf_bytes);
  if (name == "wake") return bytes_of(wake__elf_bytes);
  if (name == "header") return bytes_of(header__elf_bytes);
  if (name == "option") return bytes_of(option__elf_bytes);
  if (name == "trace") return bytes_of(trace__elf_bytes);
  if (name == "process") return bytes_of(process__elf_bytes);
  return {};
}

}  // namespace suture
