#pragma once
// ProcReader: facts of a live process, out of /proc or a tree that looks like it (HOST_PROC, tests).

#include <optional>
#include <string>

#include "base/counter.h"
#include "base/ids.h"
#include "process/process_facts.h"

namespace suture {

class ProcReader {
 public:
  struct Counters {
    Counter complete;  // of read()
    Counter partial;   // of read(): something was not readable: usually another user's process and no CAP_SYS_PTRACE
    Counter gone;      // no such process any more
    Counter reused;    // the pid belongs to a process that started at another time
  };

  explicit ProcReader(std::string proc_root = "/proc") : root_(std::move(proc_root)) {}

  /// Facts of exactly this process: its directory is opened once and holds on to the process, and the start time in it
  /// must agree with the key to the clock tick. Nothing: gone, or another process. All reads are bounded; of the
  /// environment only the two OpenTelemetry variables are kept. Costs some 50 us, and where there are thousands of mappings
  /// some ms; arguments, environment and what an SDK publishes lie in the process's memory and package.json in its file
  /// system: it may block for as long as these do.
  std::optional<ProcessFacts> read(const ProcessKey& key);

  /// The same without arguments, environment, what an SDK publishes and package.json: what the kernel has in its own
  /// tables, so that it never waits for the process or for a file system.
  std::optional<ProcessFacts> look(const ProcessKey& key);

  const Counters& counters() const { return counters_; }

 private:
  struct Found;
  std::optional<Found> find(const ProcessKey& key);

  std::string root_;
  Counters counters_;
};

}  // namespace suture
