#pragma once
// HookPlan: the mechanisms that can watch each hook point, best first. A mechanism is chosen by really attaching it;
// lists of kernel features mislead.

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace suture {

enum class HookChoice { Auto, SendmsgLocked, SockLength, Fentry, SysExit };

/// "auto", "sendmsg-locked", "sock-length", "fentry", "sys-exit".
Result<HookChoice> parse_hook_choice(std::string_view text);
std::string_view name_of(HookChoice choice);

/// One way to watch socket io, with the object that keeps socket state the same way.
struct IoMechanism {
  HookChoice choice;
  const char* object;          // BPF object with its programs
  const char* state_object;    // BPF object of the socket-state hook with the same kind of connection record
  const char* programs[4];     // to be attached, in this order; nullptr ends
  const char* extra_object;    // one more, attached where the kernel has a place for it; or nullptr
  const char* extra_programs[2];
  const char* unix_object;     // BPF object with its programs for Unix sockets, attached where they are wanted
  const char* needs;           // for messages: what the kernel must offer
};

/// Ranked. tcp_sendmsg_locked gives the true start and every kind of call; trampolines the same where they are allowed;
/// the length tracepoints lack the start; system call exits cost every call of the machine.
std::span<const IoMechanism> io_mechanisms();

/// Linux 7.0 and newer leave preemption on in tracepoints, and start no program that a preempted task is in the middle of.
bool kernel_leaves_runs_out();

/// Those with which headers can be written, best first: see Probe::write_headers().
inline constexpr HookChoice kHeaderHooks[] = {HookChoice::SendmsgLocked, HookChoice::SockLength};

}  // namespace suture
