#include "export/console/console_sink.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <system_error>
#include <utility>

#include "export/console/trace_row.h"
#include "export/console/waterfall.h"
#include "export/named_thread.h"

namespace suture {
namespace {

constexpr std::size_t kQueueBytes = 8 * 1024 * 1024;  // more than anybody reads; what a terminal cannot show is counted
constexpr int kColumnsWithoutTerminal = 100;

const char* environment(const char* name) { return std::getenv(name); }

}  // namespace

ConsoleSink::ConsoleSink(const ConsoleOptions& options, Output output)
    : output_(std::move(output)),
      color_(use_color(options.color, output_.is_terminal(), environment)),
      queue_(kQueueBytes),
      board_(options.limits),
      thread_(start_thread("suture-console", [this] { run(); })) {}

ConsoleSink::~ConsoleSink() { flush(std::chrono::milliseconds{0}); }

void ConsoleSink::flush(std::chrono::milliseconds deadline) {
  if (!thread_.joinable()) return;
  stop_.set(StopTime::Clock::now() + deadline);
  queue_.close();
  thread_.join();
}

void ConsoleSink::run() {
  while (true) {
    const bool closed = queue_.closed();  // asked before: what was pushed before the close is then seen by pop()
    const auto batch = queue_.pop(pause());
    if (batch) add(*batch);
    draw(board_.take_due(TraceBoard::Clock::now()));
    if (!batch && closed) break;
  }
  draw(board_.take_all());
}

/// How long to wait for a batch: until the next trace is due.
std::chrono::milliseconds ConsoleSink::pause() {
  constexpr std::chrono::milliseconds kIdle{1000};  // close() ends the wait, so any length would do
  const auto due = board_.next_due();
  if (!due) return kIdle;
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(*due - TraceBoard::Clock::now());
  return std::clamp(wait, std::chrono::milliseconds{0}, kIdle);
}

void ConsoleSink::add(const Batch& batch) {
  const auto now = TraceBoard::Clock::now();
  for (const Batch::Group& group : batch.groups) {
    const std::string_view service = group.resource.service_name();
    for (const Span& span : group.spans) board_.add(to_row(span, service), now);
  }
}

void ConsoleSink::draw(const std::vector<FinishedTrace>& traces) {
  const int terminal = output_.terminal_columns();
  const WaterfallStyle style{.columns = terminal > 0 ? terminal : kColumnsWithoutTerminal, .color = color_};
  for (const FinishedTrace& trace : traces) {
    const int error = output_.write(draw_trace(trace, style), stop_);
    queue_.settle(error == 0 ? Settlement::Accepted : Settlement::WriteFailed, trace.rows.size());
    if (error != 0 && !std::exchange(failed_, true))
      spdlog::warn("console: cannot write to standard output: {}. Traces are not shown.",
                   std::generic_category().message(error));
  }
}

}  // namespace suture
