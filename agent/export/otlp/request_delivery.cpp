#include "export/otlp/request_delivery.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <random>
#include <utility>

namespace suture {
namespace {

constexpr std::chrono::milliseconds kIdle{1000};  // wake() ends the wait, so any length would do

}  // namespace

Result<std::unique_ptr<RequestDelivery>> RequestDelivery::open(const BackendOptions& options, DeliveryAccount& account, Now now) {
  auto client = HttpClient::open(options);
  if (!client) return Error{client.error()};
  std::optional<Spill> spill;
  if (!options.spill_directory.empty()) {
    Result<Spill> opened = Spill::open(options.spill_directory + "/" + options.file_name());
    if (!opened) return Error{opened.error()};
    spill.emplace(std::move(opened).value());
  }
  return std::unique_ptr<RequestDelivery>(new RequestDelivery(options, account, std::move(client).value(), std::move(spill), std::move(now)));
}

RequestDelivery::RequestDelivery(const BackendOptions& options, DeliveryAccount& account, std::unique_ptr<HttpClient> client,
                                 std::optional<Spill> spill, Now now)
    : options_(options),
      account_(account),
      now_(std::move(now)),
      client_(std::move(client)),
      backoff_(options.first_backoff, options.longest_backoff, std::random_device()()),
      log_(options.name, options.shown(), options.longest_age, items_of(options.signal)),
      backlog_({.memory_bytes = options.backlog_bytes, .disk_bytes = options.spill_bytes}, std::move(spill), now_()) {}

void RequestDelivery::work() {
  drop_expired();
  if (!client_->busy() && now_() >= not_before_) start_first();
  if (const auto reply = client_->wait(pause())) settle_first(*reply);
}

void RequestDelivery::drain(const StopTime& stop) {
  bool reachable = true;
  bool is_try = false;  // what is on its way began before the end
  while (!stop.reached() && (client_->busy() || (reachable && !backlog_.empty()))) {
    if (!client_->busy()) {
      start_first();
      is_try = true;
    }
    if (const auto reply = client_->wait(stop.remaining(kIdle)))
      if (!settle_first(*reply) && is_try) reachable = false;
  }
  client_->cancel();
  drop_all();
}

/// How long to wait for news: until the backlog's first request may be sent.
std::chrono::milliseconds RequestDelivery::pause() const {
  if (backlog_.empty() || client_->busy()) return kIdle;
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(not_before_ - now_());
  return std::clamp(wait, std::chrono::milliseconds{0}, kIdle);
}

void RequestDelivery::add(std::string_view body, std::uint64_t items) {
  const std::size_t limit = options_.spill_directory.empty() ? options_.backlog_bytes : options_.spill_bytes;
  if (body.empty() || body.size() > limit) return account_.settle(Settlement::TooLarge, items);
  // What is newest is worth most to whoever looks into an outage. What is on its way stays.
  const std::size_t oldest = client_->busy() ? 1 : 0;
  while (!backlog_.push(body, items, now_())) {
    if (backlog_.size() <= oldest) return account_.settle(Settlement::QueueFull, items);
    drop(oldest, Settlement::QueueFull);
  }
  const bool fell_back = !options_.spill_directory.empty() && !backlog_.on_disk(backlog_.size() - 1);
  if (fell_back && !std::exchange(disk_failed_, true))
    spdlog::warn("{}: {} does not take {}; they wait in memory. Make room or mend it.", options_.name, options_.spill_directory, items_of(options_.signal));
  if (!fell_back) disk_failed_ = false;
}

void RequestDelivery::start_first() {
  while (!backlog_.empty()) {
    if (const auto body = backlog_.first_body()) return client_->start(*body);
    drop(0, Settlement::WriteFailed);  // somebody removed the file, or the host crashed while it was written
  }
}

/// Reads the answer to the first request. Returns false if that has to be sent again.
bool RequestDelivery::settle_first(const HttpReply& reply) {
  const std::uint64_t items = backlog_.spans_at(0);
  const Delivery delivery = judge(options_.protocol, reply, items);
  const auto now = now_();
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
    refused(delivery, reply.status, items, now);
    drop(0, Settlement::Rejected);
    return true;
  }
  if (delivery.rejected != 0 || !delivery.words.empty())
    if (const auto said = log_.partly_refused(delivery.words, delivery.rejected, now)) spdlog::warn(*said);
  account_.settle(Settlement::Rejected, delivery.rejected);
  account_.settle(Settlement::Accepted, items - delivery.rejected);
  backlog_.remove(0);
  return true;
}

/// A backend of traces alone answers metrics as it answers what it has never heard of: nothing is wrong then.
void RequestDelivery::refused(const Delivery& delivery, long status, std::uint64_t items, Clock::time_point now) {
  if (options_.signal == OtlpSignal::Metrics && delivery.unknown_there) {
    if (!std::exchange(unwanted_, true))
      spdlog::info("{}: {} takes no metrics ({}); none are sent there any more. OTEL_METRICS_EXPORTER=none sends none from the start.", options_.name, options_.shown(),
                   delivery.words);
    return;
  }
  if (const auto said = log_.refused(delivery.words, status, items, now)) spdlog::error(*said);
}

void RequestDelivery::drop(std::size_t index, Settlement outcome) {
  account_.settle(outcome, backlog_.spans_at(index));
  backlog_.remove(index);
}

void RequestDelivery::drop_expired() {
  const auto now = now_();
  const std::size_t oldest = client_->busy() ? 1 : 0;
  std::uint64_t items = 0;
  while (backlog_.size() > oldest && now - backlog_.made_at(oldest) > options_.longest_age) {
    items += backlog_.spans_at(oldest);
    drop(oldest, Settlement::Expired);
  }
  if (items != 0)
    if (const auto said = log_.expired(items, now)) spdlog::warn(*said);
}

/// What is on disk waits for the next start, and is counted as waiting.
void RequestDelivery::drop_all() {
  std::uint64_t items = 0;
  for (std::size_t index = 0; index < backlog_.size();) {
    if (backlog_.on_disk(index)) {
      ++index;
      continue;
    }
    items += backlog_.spans_at(index);
    drop(index, Settlement::Expired);
  }
  if (!backlog_.empty())
    spdlog::info("{}: {} {} for {} wait in {} for the next start.", options_.name, backlog_.spans(), items_of(options_.signal), options_.shown(), options_.spill_directory);
  if (items != 0)
    if (const auto said = log_.expired(items, now_())) spdlog::warn(*said);
}

}  // namespace suture
