#pragma once
// Batcher: the last stop on the capture thread. Gathers finished spans by process and hands whole batches to the sinks.

#include <chrono>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "export/span_sink.h"
#include "trace/batch.h"
#include "trace/span_receiver.h"

namespace suture {

/// Everything on the capture thread.
class Batcher final : public SpanReceiver {
 public:
  using Clock = std::chrono::steady_clock;

  struct Limits {
    std::size_t spans = 2048;             // a size that backends take well; 120 KB compressed
    std::size_t bytes = 8 * 1024 * 1024;  // far from the 64 MiB that OTLP allows to a request
    std::chrono::milliseconds age{200};   // how long a span may wait for others: a console feels live
  };

  /// `resources` must live until flush() or the destructor. Spans are dropped if there are no sinks.
  Batcher(std::vector<std::unique_ptr<SpanSink>> sinks, ResourceSource& resources, Limits limits);
  Batcher(std::vector<std::unique_ptr<SpanSink>> sinks, ResourceSource& resources)
      : Batcher(std::move(sinks), resources, Limits()) {}

  /// Adds a span to the open batch, with the resource that its process has when its first span comes; sends the batch
  /// when it is full.
  void add(Span&& span);
  void on_span(Span&& span) override { add(std::move(span)); }
  /// Time passes: sends the open batch if its first span is older than the limit.
  void tick(Clock::time_point now);
  /// Sends the open batch and ends all sinks, which have `deadline` together. Called once, last.
  void flush(std::chrono::milliseconds deadline);

  const std::vector<std::unique_ptr<SpanSink>>& sinks() const { return sinks_; }

 private:
  Batch::Group& group_of(const ProcessKey& process);
  void send();

  std::vector<std::unique_ptr<SpanSink>> sinks_;
  ResourceSource& resources_;
  const Limits limits_;
  Batch batch_;
  std::unordered_map<ProcessKey, std::size_t> group_index_;  // into batch_.groups
  Clock::time_point now_{};                                  // of the last tick
  Clock::time_point opened_{};                               // of the tick before the open batch's first span
};

}  // namespace suture
