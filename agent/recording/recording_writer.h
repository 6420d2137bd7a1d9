#pragma once
// RecordingWriter: appends records to a file. Knows no privacy: what it is given is what is written (Recorder redacts).

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/counter.h"
#include "base/fd.h"
#include "base/ids.h"
#include "base/result.h"
#include "process/process_facts.h"
#include "recording/recording_header.h"

namespace suture::recording::v1 {
class Record;
}

namespace suture {

/// One thread. Buffered; the destructor writes what waits. After a failed write nothing more is written, so that the
/// file ends in at most one broken record, and what comes is counted.
class RecordingWriter {
 public:
  struct Counters {
    Counter records;
    Counter bytes;
    Counter dropped;  // after a failed write, or too large
    Counter refused;  // events of no known kind
  };

  /// A new file, readable by its owner alone: it holds what went over the network. An existing file is replaced.
  static Result<RecordingWriter> create(const std::string& path, const RecordingHeader& header);
  /// To a descriptor that is open already, such as a pipe.
  RecordingWriter(Fd fd, const RecordingHeader& header);
  RecordingWriter(RecordingWriter&&) noexcept;
  ~RecordingWriter();

  /// An event of wire/event.h, whole, aligned to 8.
  void write_event(std::span<const std::byte> event);
  void write_facts(const ProcessKey& key, const ProcessFacts& facts);
  void write_anchor(const ClockAnchor& anchor);
  void write_tick(std::uint64_t monotonic_ns);
  void write_counters(const CounterSnapshot& counters);

  /// Hands the buffer to the kernel.
  void flush();

  /// The sentence about a failed write, once.
  std::optional<std::string> take_complaint();
  const Counters& counters() const { return *counters_; }

 private:
  void append();

  Fd fd_;
  std::string buffer_;
  std::unique_ptr<recording::v1::Record> record_;  // reused, as its strings keep their memory
  std::unique_ptr<Counters> counters_;             // counters do not move
  bool failed_ = false;
  std::string complaint_;
};

}  // namespace suture
