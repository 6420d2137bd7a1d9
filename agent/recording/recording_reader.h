#pragma once
// RecordingReader: the records of a recording in order, events rebuilt as the ring would have given them.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/fd.h"
#include "base/ids.h"
#include "base/result.h"
#include "process/process_facts.h"
#include "recording/recording_header.h"

namespace suture {

/// Takes the records of a recording. What it does not care for it need not override.
class RecordingVisitor {
 public:
  virtual ~RecordingVisitor() = default;
  /// An event of wire/event.h, header included, exactly header.size bytes, aligned to 8; valid during the call. Its
  /// enums and lengths are within bounds.
  virtual void on_record(std::span<const std::byte>) {}
  virtual void on_facts(const ProcessKey&, ProcessFacts&&) {}
  virtual void on_anchor(const ClockAnchor&) {}
  virtual void on_tick(std::uint64_t /*monotonic_ns*/) {}
  virtual void on_counters(const CounterSnapshot&) {}
};

class RecordingReader {
 public:
  struct Counters {
    std::uint64_t records = 0;         // handed to the visitor
    std::uint64_t unknown_records = 0;  // of a newer suture, skipped
    std::uint64_t unknown_fields = 0;   // records that hold fields of a newer suture; used without them
    std::uint64_t bad_records = 0;      // broken, or saying what no kernel program says; skipped
  };

  /// Fails if there is no file, or if it does not begin as a recording does.
  static Result<RecordingReader> open(const std::string& path);
  static Result<RecordingReader> from_bytes(std::string bytes);

  RecordingReader(RecordingReader&&) noexcept;
  ~RecordingReader();

  const RecordingHeader& header() const { return header_; }

  /// Reads one record. False: there are no more.
  bool next(RecordingVisitor& visitor);

  /// After the last record: what was wrong with the end of the file, as a sentence. All before it was good for use.
  const std::optional<std::string>& broken_end() const { return broken_end_; }
  const Counters& counters() const { return counters_; }

 private:
  struct Scratch;

  RecordingReader(Fd fd, std::string bytes);
  Status read_header();
  bool fill(std::size_t need);
  bool next_payload(std::span<const char>& payload);
  bool end_broken(const std::string& what);
  void deliver(RecordingVisitor& visitor);

  Fd fd_;                    // none: all is in buffer_ from the start
  std::string buffer_;
  std::size_t begin_ = 0;    // of what is not yet used in buffer_
  std::uint64_t offset_ = 0;  // of begin_ in the file
  RecordingHeader header_;
  Counters counters_;
  std::optional<std::string> broken_end_;
  std::unique_ptr<Scratch> scratch_;
};

}  // namespace suture
