#pragma once
// KernelControl: what the pipeline asks of the kernel side; absent in replays. Capture thread.

#include <cstdint>
#include <optional>

#include "base/ids.h"

namespace suture {

class KernelControl {
 public:
  virtual ~KernelControl() = default;
  /// Events of this process are of no use.
  virtual void deny(std::uint32_t tgid) = 0;
  /// The process receives or sends requests: its runtime may know which belong together. False: there is no time for it
  /// now, ask again.
  virtual bool look_for_runtime(const ProcessKey& process) = 0;
  /// It ended, or is another program now.
  virtual void forget_runtime(const ProcessKey& process) = 0;
  /// Who wakes whom in this process is worth knowing, or not any more.
  virtual void hands_over(std::uint32_t tgid, bool hands_over) = 0;
  /// What the process sends is to carry the trace of what it received, where this evidence (enum trace_evidence) tells which that is;
  /// nothing: it ended, or is another program now.
  virtual void trace(std::uint32_t tgid, std::optional<std::uint32_t> evidence) = 0;
};

}  // namespace suture
