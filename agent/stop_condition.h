#pragma once
// StopCondition: when the agent ends. At SIGTERM or SIGINT; or, where it traces a command, a moment after that has ended, and the signals
// are the command's. One thread.

#include <signal.h>
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace suture {

class StopCondition {
 public:
  /// Blocks the signals, and those of the threads that start after it.
  StopCondition();

  /// Starts the command, which must not be empty.
  Status start(const std::vector<std::string>& command);
  /// Asked again and again. `now_ns`: CLOCK_MONOTONIC.
  bool reached(std::uint64_t now_ns);
  /// 0, or that of the command once it has ended: 127 if it could not be started, 128 and the signal if one ended it.
  int exit_code() const { return exit_code_; }

 private:
  int take_signal();
  void look_at_command(std::uint64_t now_ns);

  sigset_t set_{}, before_{};
  Fd signals_;
  pid_t command_ = -1;
  std::uint64_t stop_at_ns_ = 0;  // 0: not known yet
  int exit_code_ = 0;
};

}  // namespace suture
