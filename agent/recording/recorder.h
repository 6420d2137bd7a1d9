#pragma once
// Recorder: makes a recording of what goes through the agent, in the order in which a replay needs it, and redacted
// unless it is told otherwise. Lives on the capture thread, next to the pipeline.

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "process/process_table.h"
#include "proto/segment.h"
#include "recording/recording_writer.h"
#include "recording/redactor.h"

namespace suture {

/// Is told of each event after the agent has acted on it, because only then it is known what its bytes are; and of
/// facts while the agent acts. A replay wants facts before the data that made the agent ask for them, but behind the
/// exec that made everything older void: so facts wait here for the end of the event.
class Recorder final : public FactsListener {
 public:
  enum class Privacy : std::uint8_t { Redacted, Raw };

  Recorder(RecordingWriter writer, Privacy privacy) : writer_(std::move(writer)), privacy_(privacy) {}
  ~Recorder() override;

  void on_facts(const ProcessKey& key, const ProcessFacts& facts) override;

  /// An event of wire/event.h. `segments`: what the bytes of an event_data are.
  void on_record(std::span<const std::byte> event, std::span<const Segment> segments);
  void on_tick(std::uint64_t monotonic_ns);
  void on_anchor(const ClockAnchor& anchor);
  void on_counters(const CounterSnapshot& counters);

  RecordingWriter& writer() { return writer_; }
  const Redactor& redactor() const { return redactor_; }

 private:
  void write_redacted(std::span<const std::byte> event, std::span<const Segment> segments);
  void write_facts();

  RecordingWriter writer_;
  const Privacy privacy_;
  Redactor redactor_;
  std::vector<std::pair<ProcessKey, ProcessFacts>> facts_;  // of the event at hand
  std::vector<std::uint64_t> copy_;                         // of an event, aligned
};

/// Blanks the arguments in an exec event as redact_arguments() does.
void redact_exec(event_exec& event);

}  // namespace suture
