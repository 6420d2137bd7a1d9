#pragma once
// ConsoleSink: draws each trace on standard output when it has come to rest.

#include <chrono>
#include <memory>
#include <thread>

#include "export/console/color.h"
#include "export/console/trace_board.h"
#include "export/delivery_queue.h"
#include "export/output.h"
#include "export/span_sink.h"
#include "export/stop_time.h"

namespace suture {

struct ConsoleOptions {
  ColorMode color = ColorMode::Auto;
  TraceBoard::Limits limits;
};

class ConsoleSink final : public SpanSink {
 public:
  /// On standard output.
  explicit ConsoleSink(const ConsoleOptions& options) : ConsoleSink(options, Output::standard_output()) {}
  ConsoleSink(const ConsoleOptions& options, Output output);
  ~ConsoleSink() override;

  std::string_view name() const override { return "console"; }
  void send(Batch batch) override { queue_.push(std::move(batch)); }
  /// Draws all traces as they are.
  void flush(std::chrono::milliseconds deadline) override;
  DeliveryLedger ledger() const override { return queue_.ledger(); }

 private:
  void run();
  std::chrono::milliseconds pause();
  void add(const Batch& batch);
  void draw(const std::vector<FinishedTrace>& traces);

  Output output_;
  const bool color_;
  DeliveryQueue queue_;
  StopTime stop_;
  TraceBoard board_;
  bool failed_ = false;  // a write failed, which was said
  std::thread thread_;   // last: starts when all else is there
};

}  // namespace suture
