#pragma once
// RecordSink: who takes the events, whether they come from the kernel or from a recording.

#include <cstddef>
#include <span>

namespace suture {

/// One event of wire/event.h, header included, exactly header.size bytes, aligned to 8.
using RecordView = std::span<const std::byte>;

/// Receives records in ring order, on the capture thread.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  /// `record` is valid only until on_record() returns. noexcept: the caller is C.
  virtual void on_record(RecordView record) noexcept = 0;
};

}  // namespace suture
