#pragma once
// RecordingTap: lets a Recorder see what goes through a live pipeline.

#include <memory>
#include <string>

#include "base/result.h"
#include "kernel/probe.h"
#include "pipeline.h"
#include "recording/recorder.h"

namespace suture {

class RecordingTap final : public PipelineTap {
 public:
  /// An empty path gives no tap and a null pointer. `raw`: header values, queries, bodies and arguments are kept.
  static Result<std::unique_ptr<RecordingTap>> open(const std::string& path, bool raw, const HostFacts& host, std::string_view hooks);

  /// Must be told what the process table learns.
  FactsListener& facts_listener() { return recorder_; }

  void on_record(RecordView record, std::span<const Segment> segments) override { recorder_.on_record(record, segments); }
  void on_tick(std::uint64_t now_ns) override;
  void on_anchor(const ClockAnchor& anchor) override { recorder_.on_anchor(anchor); }
  void on_counters(const KernelCounters& counters);

 private:
  RecordingTap(RecordingWriter writer, Recorder::Privacy privacy) : recorder_(std::move(writer), privacy) {}
  Recorder recorder_;
};

}  // namespace suture
