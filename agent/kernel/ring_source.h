#pragma once
// RingSource: drains the kernel's ring into a RecordSink, on the caller's thread.

#include <chrono>
#include <cstdint>
#include <memory>

#include "base/result.h"
#include "kernel/probe.h"
#include "kernel/record_sink.h"

namespace suture {

class RingSource {
 public:
  /// `probe` and `sink` outlive the source.
  static Result<RingSource> open(Probe& probe, RecordSink& sink);

  RingSource(RingSource&&) noexcept;
  RingSource& operator=(RingSource&&) noexcept;
  ~RingSource();

  struct Drained {
    std::size_t events = 0;
    std::size_t bytes = 0;
  };
  /// Waits until the kernel wakes us or `wait` is over, then hands on what is in the ring by then.
  Drained drain(std::chrono::milliseconds wait);

 private:
  struct State;
  explicit RingSource(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace suture
