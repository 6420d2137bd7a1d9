#include "export/otlp/otlp_sink.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <random>
#include <utility>

#include "export/named_thread.h"

namespace suture {
namespace {

constexpr std::chrono::milliseconds kIdle{1000};  // wake() ends the wait, so any length would do

}  // namespace

Result<std::unique_ptr<OtlpSink>> OtlpSink::open(const OtlpOptions& options) {
  auto client = HttpClient::open(options);
  if (!client) return Error{client.error()};
  std::optional<Spill> spill;
  if (!options.spill_directory.empty()) {
    Result<Spill> opened = Spill::open(options.spill_directory + "/" + options.file_name());
    if (!opened) return Error{opened.error()};
    spill.emplace(std::move(opened).value());
  }
  return std::unique_ptr<OtlpSink>(new OtlpSink(options, std::move(client).value(), std::move(spill)));
}

OtlpSink::OtlpSink(const OtlpOptions& options, std::unique_ptr<HttpClient> client, std::optional<Spill> spill)
    : options_(options),
      queue_(options.queue_bytes, options.queue_spans),
      client_(std::move(client)),
      encoder_(options.protocol, options.gzip),
      backoff_(options.first_backoff, options.longest_backoff, std::random_device()()),
      log_(options.name, options.shown(), options.longest_age),
      backlog_({.memory_bytes = options.backlog_bytes, .disk_bytes = options.spill_bytes}, std::move(spill)) {
  if (!backlog_.empty()) {
    queue_.add_found(backlog_.spans());
    spdlog::info("{}: {} spans of an earlier run wait for {}.", options.name, backlog_.spans(), options.shown());
  }
  thread_ = start_thread("suture-otlp", [this] { run(); });
}

OtlpSink::~OtlpSink() { flush(std::chrono::milliseconds{0}); }

void OtlpSink::send(Batch batch) {
  queue_.push(std::move(batch));
  client_->wake();
}

void OtlpSink::begin_end(std::chrono::milliseconds deadline) {
  stop_.set(Clock::now() + deadline);
  queue_.close();
  client_->wake();
}

void OtlpSink::flush(std::chrono::milliseconds deadline) {
  if (!thread_.joinable()) return;
  if (!stop_.is_set()) begin_end(deadline);
  thread_.join();
}

void OtlpSink::run() {
  while (!stop_.is_set()) {
    take_all();
    drop_expired();
    if (!client_->busy() && Clock::now() >= not_before_) start_first();
    if (const auto reply = client_->wait(pause())) settle_first(*reply);
  }
  drain();
}

/// The end: no waits for a better time, everything is tried once while the endpoint takes it.
void OtlpSink::drain() {
  take_all();
  bool reachable = true;
  bool is_try = false;  // what is on its way began before the end
  while (!stop_.reached() && (client_->busy() || (reachable && !backlog_.empty()))) {
    if (!client_->busy()) {
      start_first();
      is_try = true;
    }
    if (const auto reply = client_->wait(stop_.remaining(kIdle)))
      if (!settle_first(*reply) && is_try) reachable = false;
  }
  client_->cancel();
  drop_all();
}

/// How long to wait for news: until the backlog's first request may be sent.
std::chrono::milliseconds OtlpSink::pause() const {
  if (backlog_.empty() || client_->busy()) return kIdle;
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(not_before_ - Clock::now());
  return std::clamp(wait, std::chrono::milliseconds{0}, kIdle);
}

void OtlpSink::take_all() {
  while (const auto batch = queue_.pop(std::chrono::milliseconds{0})) take(*batch);
}

void OtlpSink::take(const Batch& batch) {
  const std::string_view body = encoder_.encode(batch);
  const std::size_t limit = options_.spill_directory.empty() ? options_.backlog_bytes : options_.spill_bytes;
  if (body.empty() || body.size() > limit) {
    queue_.settle(Settlement::TooLarge, batch.span_count);
    return;
  }
  // What is newest is worth most to whoever looks into an outage. What is on its way stays.
  const std::size_t oldest = client_->busy() ? 1 : 0;
  while (!backlog_.push(body, batch.span_count)) {
    if (backlog_.size() <= oldest) return queue_.settle(Settlement::QueueFull, batch.span_count);
    drop(oldest, Settlement::QueueFull);
  }
  const bool fell_back = !options_.spill_directory.empty() && !backlog_.on_disk(backlog_.size() - 1);
  if (fell_back && !std::exchange(disk_failed_, true))
    spdlog::warn("{}: {} does not take spans; they wait in memory. Make room or mend it.", options_.name, options_.spill_directory);
  if (!fell_back) disk_failed_ = false;
}

void OtlpSink::start_first() {
  while (!backlog_.empty()) {
    if (const auto body = backlog_.first_body()) return client_->start(*body);
    drop(0, Settlement::WriteFailed);  // somebody removed the file, or the host crashed while it was written
  }
}

/// Reads the answer to the first request. Returns false if that has to be sent again.
bool OtlpSink::settle_first(const HttpReply& reply) {
  const std::uint64_t spans = backlog_.spans_at(0);
  const Delivery delivery = judge(options_.protocol, reply, spans);
  const auto now = Clock::now();
  if (delivery.verdict == Verdict::Retry) {
    const auto wait = delivery.retry_after.count() > 0 ? delivery.retry_after : backoff_.next();
    not_before_ = now + std::min(wait, options_.longest_age);
    if (const auto said = log_.failed(delivery.words, now)) spdlog::warn(*said);
    return false;
  }

  backoff_.reset();
  not_before_ = now;
  if (const auto said = log_.answered(now)) spdlog::info(*said);
  if (delivery.verdict == Verdict::Rejected) {
    if (const auto said = log_.refused(delivery.words, reply.status, spans, now)) spdlog::error(*said);
    drop(0, Settlement::Rejected);
    return true;
  }
  if (delivery.rejected != 0 || !delivery.words.empty())
    if (const auto said = log_.partly_refused(delivery.words, delivery.rejected, now)) spdlog::warn(*said);
  queue_.settle(Settlement::Rejected, delivery.rejected);
  queue_.settle(Settlement::Accepted, spans - delivery.rejected);
  backlog_.remove(0);
  return true;
}

void OtlpSink::drop(std::size_t index, Settlement outcome) {
  queue_.settle(outcome, backlog_.spans_at(index));
  backlog_.remove(index);
}

void OtlpSink::drop_expired() {
  const auto now = Clock::now();
  const std::size_t oldest = client_->busy() ? 1 : 0;
  std::uint64_t spans = 0;
  while (backlog_.size() > oldest && now - backlog_.made_at(oldest) > options_.longest_age) {
    spans += backlog_.spans_at(oldest);
    drop(oldest, Settlement::Expired);
  }
  if (spans != 0)
    if (const auto said = log_.expired(spans, now)) spdlog::warn(*said);
}

/// What is on disk waits for the next start, and is counted as waiting.
void OtlpSink::drop_all() {
  std::uint64_t spans = 0;
  for (std::size_t index = 0; index < backlog_.size();) {
    if (backlog_.on_disk(index)) {
      ++index;
      continue;
    }
    spans += backlog_.spans_at(index);
    drop(index, Settlement::Expired);
  }
  if (!backlog_.empty())
    spdlog::info("{}: {} spans for {} wait in {} for the next start.", options_.name, backlog_.spans(), options_.shown(), options_.spill_directory);
  if (spans != 0)
    if (const auto said = log_.expired(spans, Clock::now())) spdlog::warn(*said);
}

}  // namespace suture
