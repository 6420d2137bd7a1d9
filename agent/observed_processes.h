#pragma once
// ObservedProcesses: which processes are wanted and which are to write contexts, decided once for each, and what the kernel side was told
// of them. All memory of it is bounded: of a process that is forgotten too soon the same is decided again. Capture thread.

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "kernel_control.h"
#include "process/named_processes.h"
#include "process/process_filter.h"
#include "process/process_table.h"
#include "trace/joiner.h"

namespace suture {

class ObservedProcesses {
 public:
  struct Rules {
    FilterRules filter;
    NamedProcesses writing;            // whose requests are to carry contexts
    std::uint32_t command_parent = 0;  // != 0: only what processes forked by this one lead to is wanted
  };

  /// `processes` and `kernel` outlive it; `kernel` may be null.
  ObservedProcesses(Rules rules, ProcessTable& processes, KernelControl* kernel);

  void on_exec(const ProcessKey& process) { decide_soon(process); }
  void on_fork(std::uint32_t parent_tgid, const ProcessKey& child);
  void on_exit(std::uint32_t tgid) { command_.erase(tgid); }
  /// The process ended, or is another program now.
  void forget(const ProcessKey& process);

  /// Whether its requests are, where `port` is that of the serving end.
  Wanted wanted(const ProcessKey& process, std::uint16_t port);
  /// Whether what it does may be told of at all.
  bool concerns(const ProcessKey& process) const;

  void look_for_runtime(const ProcessKey& process);
  void hands_over(const ProcessKey& process);

  /// Whether what it sends is to carry contexts. False also while its name is not known yet; take_undecided() has it then.
  bool writes(const ProcessKey& process);
  /// By which evidence (enum trace_evidence) they may, of a process for which writes() is true.
  void writes_by(const ProcessKey& process, std::uint32_t evidence);
  /// Those to ask writes() about again. Not only when they send: connections that are opened before carry nothing.
  std::vector<ProcessKey> take_undecided();

 private:
  static constexpr std::uint32_t kUntold = UINT32_MAX;  // no evidence

  bool passes_filter(const ProcessKey& process) const;
  void decide_soon(const ProcessKey& process);

  const Rules rules_;
  const ProcessFilter filter_;
  ProcessTable& processes_;
  KernelControl* const kernel_;
  std::unordered_map<ProcessKey, bool> kept_;                             // the filter's word
  std::unordered_set<ProcessKey> looked_at_;                              // whose runtime was asked for
  std::unordered_map<ProcessKey, std::optional<std::uint32_t>> writing_;  // evidence that the kernel was told; nothing: not chosen
  std::unordered_set<ProcessKey> undecided_;                              // wait for their names
  std::unordered_set<std::uint32_t> command_;                             // of the traced command, by tgid
};

}  // namespace suture
