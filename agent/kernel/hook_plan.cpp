#include "kernel/hook_plan.h"

#include <sys/utsname.h>

#include "base/kernel_version.h"

namespace suture {
namespace {

constexpr IoMechanism kIoMechanisms[] = {
    {HookChoice::SendmsgLocked, "io_sendmsg_locked", "state", {"suture_receive", "suture_cold", "suture_send", nullptr}, nullptr, {},
     "unix_sock_length", "tracepoints tcp_sendmsg_locked (Linux 6.16) and sock_recv_length"},
    {HookChoice::Fentry, "io_fentry", "state", {"suture_receive", "suture_cold", "suture_send", nullptr}, "io_sendpage",
     {"suture_pages", "suture_pages_cold"}, "unix_sock_length", "fentry and fexit on tcp_sendmsg_locked and tcp_recvmsg (Linux 5.19, not forbidden)"},
    {HookChoice::SockLength, "io_sock_length", "state", {"suture_receive", "suture_send", nullptr, nullptr}, nullptr, {},
     "unix_sock_length", "tracepoints sock_send_length and sock_recv_length (Linux 6.3)"},
    {HookChoice::SysExit, "io_sys_exit", "state_by_address", {"suture_call", nullptr, nullptr, nullptr}, "io_uring",
     {"suture_uring"}, "unix_sys_exit", "tracepoint sys_exit with BTF, and a stack for each function (Linux 6.13)"},
};

}  // namespace

std::span<const IoMechanism> io_mechanisms() { return kIoMechanisms; }

std::string_view name_of(HookChoice choice) {
  switch (choice) {
    case HookChoice::Auto: return "auto";
    case HookChoice::SendmsgLocked: return "sendmsg-locked";
    case HookChoice::SockLength: return "sock-length";
    case HookChoice::Fentry: return "fentry";
    case HookChoice::SysExit: return "sys-exit";
  }
  return "";
}

bool kernel_leaves_runs_out() {
  utsname kernel{};
  return ::uname(&kernel) == 0 && kernel_is(kernel.release, 7, 0);
}

Result<HookChoice> parse_hook_choice(std::string_view text) {
  for (HookChoice choice :
       {HookChoice::Auto, HookChoice::SendmsgLocked, HookChoice::SockLength, HookChoice::Fentry, HookChoice::SysExit})
    if (text == name_of(choice)) return choice;
  return Error{"hooks '" + std::string(text) + "': not known; choose auto, sendmsg-locked, sock-length, fentry or sys-exit"};
}

}  // namespace suture
