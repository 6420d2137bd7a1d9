#pragma once
// FreshProcesses: those that were seen to start their program and have received nothing since. What such a process sends, it
// sends on behalf of who started it. Of a process that is older than the agent nobody knows, so it is not fresh.

#include <cstddef>
#include <unordered_set>

#include "base/ids.h"

namespace suture {

class FreshProcesses {
 public:
  static constexpr std::size_t kMost = 65'536;  // living at once; those beyond are not fresh

  void on_exec(const ProcessKey& process) { add(process); }
  void on_fork(const ProcessKey& parent, const ProcessKey& child) {
    if (contains(parent)) add(child);
  }
  void on_exit(const ProcessKey& process) { fresh_.erase(process); }
  /// A request, or a connection of whatever protocol.
  void on_received(const ProcessKey& process) { fresh_.erase(process); }

  bool contains(const ProcessKey& process) const { return fresh_.contains(process); }

 private:
  void add(const ProcessKey& process) {
    if (fresh_.size() < kMost) fresh_.insert(process);
  }

  std::unordered_set<ProcessKey> fresh_;
};

}  // namespace suture
