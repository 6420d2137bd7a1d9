#pragma once
// FactsSource: where a ProcessTable learns of live processes. What the kernel knows by itself is told at once; what lies in
// a process's memory or in a file system can make the reader wait for as long as somebody else likes (a page that is not
// there, a lock that a stuck thread holds, FUSE, NFS) and is therefore asked for, and comes later.

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "process/process_facts.h"

namespace suture {

/// Everything on the capture thread; nothing blocks.
class FactsSource {
 public:
  struct Answer {
    ProcessKey process;
    std::uint64_t question = 0;         // as asked
    std::optional<ProcessFacts> facts;  // nothing: the process was gone, or another
  };

  virtual ~FactsSource() = default;
  /// What the kernel knows: executable, name, directory, cgroup. Nothing: gone, or another process.
  virtual std::optional<ProcessFacts> look(const ProcessKey& process) = 0;
  /// Asks for all facts; `question` comes back with the answer. False: too many wait already.
  virtual bool ask(const ProcessKey& process, std::uint64_t question) = 0;
  /// The answers that have come since the last call, in the order of their questions.
  virtual std::vector<Answer> take() = 0;
};

}  // namespace suture
