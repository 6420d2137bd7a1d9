#include "export/jsonl/jsonl_sink.h"

#include <spdlog/spdlog.h>

#include <system_error>
#include <utility>

#include "export/named_thread.h"
#include "export/otlp_json.h"

namespace suture {
namespace {

constexpr std::size_t kQueueBytes = 16 * 1024 * 1024;    // some 16 000 spans: a disk may take a second for itself
constexpr std::size_t kKeptLineBytes = 4 * 1024 * 1024;  // a usual line is ~2 MiB; an unusual one is given back

}  // namespace

Result<std::unique_ptr<JsonlSink>> JsonlSink::open(const std::string& path) {
  if (path == "-") return std::make_unique<JsonlSink>("standard output", Output::standard_output());
  auto output = Output::open(path);
  if (!output) return Error{"jsonl: " + output.error()};
  return std::make_unique<JsonlSink>(path, std::move(output).value());
}

JsonlSink::JsonlSink(std::string path, Output output)
    : path_(std::move(path)),
      output_(std::move(output)),
      queue_(kQueueBytes),
      thread_(start_thread("suture-jsonl", [this] { run(); })) {}

JsonlSink::~JsonlSink() { flush(std::chrono::milliseconds{0}); }

void JsonlSink::flush(std::chrono::milliseconds deadline) {
  if (!thread_.joinable()) return;
  stop_.set(StopTime::Clock::now() + deadline);
  queue_.close();
  thread_.join();
}

void JsonlSink::run() {
  constexpr std::chrono::milliseconds kIdle{1000};  // close() ends the wait, so any length would do
  while (true) {
    const bool closed = queue_.closed();  // asked before: what was pushed before the close is then seen by pop()
    const auto batch = queue_.pop(kIdle);
    if (batch) write(*batch);
    if (!batch && closed) return;
  }
}

void JsonlSink::write(const Batch& batch) {
  line_.clear();
  if (torn_) line_.push_back('\n');  // what was torn spoils one line, not two
  append_otlp_json(line_, batch);
  line_.push_back('\n');
  const int error = output_.write(line_, stop_);
  queue_.settle(error == 0 ? Settlement::Accepted : Settlement::WriteFailed, batch.span_count);
  torn_ = error != 0;
  if (torn_ != failing_) say(error);
  failing_ = torn_;
  if (line_.capacity() > kKeptLineBytes) line_ = std::string();
}

void JsonlSink::say(int error) {
  if (error == 0) {
    spdlog::info("jsonl: {} can be written again.", path_);
  } else {
    spdlog::error("jsonl: cannot write to {}: {}. Spans are lost until it can be; make room or mend its reader.", path_,
                  std::generic_category().message(error));
  }
}

}  // namespace suture
