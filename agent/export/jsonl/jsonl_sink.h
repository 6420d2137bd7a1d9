#pragma once
// JsonlSink: appends batches to a file as lines of OTLP JSON (OpenTelemetry's file exporter format).

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "base/result.h"
#include "export/delivery_queue.h"
#include "export/output.h"
#include "export/span_sink.h"
#include "export/stop_time.h"

namespace suture {

class JsonlSink final : public SpanSink {
 public:
  /// `path`: created if need be, never truncated; "-" is standard output.
  static Result<std::unique_ptr<JsonlSink>> open(const std::string& path);
  JsonlSink(std::string path, Output output);
  ~JsonlSink() override;

  std::string_view name() const override { return "jsonl"; }
  void send(Batch batch) override { queue_.push(std::move(batch)); }
  void flush(std::chrono::milliseconds deadline) override;
  DeliveryLedger ledger() const override { return queue_.ledger(); }

 private:
  void run();
  void write(const Batch& batch);
  void say(int error);

  const std::string path_;
  Output output_;
  DeliveryQueue queue_;
  StopTime stop_;
  std::string line_;   // reused
  bool torn_ = false;  // a write failed half way: the file may end within a line
  bool failing_ = false;
  std::thread thread_;  // last: starts when all else is there
};

}  // namespace suture
