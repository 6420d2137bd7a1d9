#pragma once
// Shedder: how many exchanges the kernel may report, so that the agent keeps to its share of the host. Idle time is free
// to use; where there is little of it, the agent takes no more than its budget.

#include <cstdint>

#include "load/host_load.h"

namespace suture {

class Shedder {
 public:
  /// `budget`: share of the host's CPU time, 0..1, that the agent may take from others.
  explicit Shedder(double budget) : budget_(budget) {}

  /// After each window of time: the threshold from here on, as knobs::keep_below.
  std::uint32_t next(const HostLoad::Window& window);

 private:
  const double budget_;
  double last_idle_ = 1;
  double keep_ = 1;  // share of exchanges that are reported
  bool settling_ = false;
};

}  // namespace suture
