#include "export/otlp/otlp_sink.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <random>
#include <utility>

#include "export/named_thread.h"

namespace suture {

Result<std::unique_ptr<OtlpSink>> OtlpSink::open(const OtlpOptions& options) {
  auto client = HttpClient::open(options);
  if (!client) return Error{client.error()};
  return std::unique_ptr<OtlpSink>(new OtlpSink(options, std::move(client).value()));
}

OtlpSink::OtlpSink(const OtlpOptions& options, std::unique_ptr<HttpClient> client)
    : options_(options),
      queue_(options.queue_bytes),
      client_(std::move(client)),
      encoder_(options.gzip),
      backoff_(options.first_backoff, options.longest_backoff, std::random_device()()),
      log_(printable_url(options.url), options.longest_age),
      thread_(start_thread("suture-otlp", [this] { run(); })) {}

OtlpSink::~OtlpSink() { flush(std::chrono::milliseconds{0}); }

void OtlpSink::flush(std::chrono::milliseconds deadline) {
  if (!thread_.joinable()) return;
  stop_.set(Clock::now() + deadline);
  queue_.close();
  client_->wake();
  thread_.join();
}

void OtlpSink::run() {
  while (!stop_.is_set()) {
    if (const auto batch = queue_.pop(pause())) take(*batch);
    drop_expired();
    if (!backlog_.empty() && Clock::now() >= not_before_) deliver_first();
  }
  drain();
}

/// The end: no waits for a better time, everything is tried once while the endpoint takes it.
void OtlpSink::drain() {
  bool reachable = true;
  while (const auto batch = queue_.pop(std::chrono::milliseconds{0})) {
    if (reachable && !stop_.reached()) {
      take(*batch);
      while (reachable && !backlog_.empty()) reachable = deliver_first();
    } else {
      queue_.settle(Settlement::Expired, batch->span_count);
    }
  }
  while (reachable && !backlog_.empty() && !stop_.reached()) reachable = deliver_first();
  drop_all();
}

/// How long to wait for a batch: until the backlog's first request may be sent.
std::chrono::milliseconds OtlpSink::pause() const {
  constexpr std::chrono::milliseconds kIdle{1000};  // close() ends the wait, so any length would do
  if (backlog_.empty()) return kIdle;
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(not_before_ - Clock::now());
  return std::clamp(wait, std::chrono::milliseconds{0}, kIdle);
}

void OtlpSink::take(const Batch& batch) {
  const std::string_view body = encoder_.encode(batch);
  if (body.empty() || body.size() > options_.backlog_bytes) {
    queue_.settle(Settlement::Rejected, batch.span_count);  // larger than any backend has to take
    return;
  }
  // What is newest is worth most to whoever looks into an outage.
  while (backlog_bytes_ + body.size() > options_.backlog_bytes) settle_first(Settlement::QueueFull);
  backlog_.push_back({.body = std::string(body), .spans = batch.span_count, .made = Clock::now()});
  backlog_bytes_ += body.size();
}

/// Returns false if the request has to be sent again.
bool OtlpSink::deliver_first() {
  const Request& request = backlog_.front();
  const HttpReply reply = client_->post(request.body, stop_);
  const Delivery delivery = judge(reply, request.spans);
  const auto now = Clock::now();
  if (delivery.verdict == Verdict::Retry) {
    const auto wait = reply.retry_after.count() > 0 ? std::chrono::milliseconds(reply.retry_after) : backoff_.next();
    not_before_ = now + std::min(wait, options_.longest_age);
    if (reply.kind != HttpReply::Kind::Stopped)
      if (const auto said = log_.failed(delivery.words, now)) spdlog::warn(*said);
    return false;
  }

  backoff_.reset();
  not_before_ = now;
  if (const auto said = log_.answered(now)) spdlog::info(*said);
  if (delivery.verdict == Verdict::Rejected) {
    if (const auto said = log_.refused(delivery.words, reply.status, request.spans, now)) spdlog::error(*said);
    settle_first(Settlement::Rejected);
    return true;
  }
  if (delivery.rejected != 0 || !delivery.words.empty())
    if (const auto said = log_.partly_refused(delivery.words, delivery.rejected, now)) spdlog::warn(*said);
  queue_.settle(Settlement::Rejected, delivery.rejected);
  backlog_.front().spans -= delivery.rejected;
  settle_first(Settlement::Accepted);
  return true;
}

void OtlpSink::settle_first(Settlement outcome) {
  queue_.settle(outcome, backlog_.front().spans);
  backlog_bytes_ -= backlog_.front().body.size();
  backlog_.pop_front();
}

void OtlpSink::drop_expired() {
  const auto now = Clock::now();
  std::uint64_t spans = 0;
  while (!backlog_.empty() && now - backlog_.front().made > options_.longest_age) {
    spans += backlog_.front().spans;
    settle_first(Settlement::Expired);
  }
  if (spans != 0)
    if (const auto said = log_.expired(spans, now)) spdlog::warn(*said);
}

void OtlpSink::drop_all() {
  std::uint64_t spans = 0;
  while (!backlog_.empty()) {
    spans += backlog_.front().spans;
    settle_first(Settlement::Expired);
  }
  if (spans != 0)
    if (const auto said = log_.expired(spans, Clock::now())) spdlog::warn(*said);
}

}  // namespace suture
