#include "export/otlp/metrics_sink.h"

#include <limits>
#include <utility>

#include "export/named_thread.h"

namespace suture {

Result<std::unique_ptr<OtlpMetricsSink>> OtlpMetricsSink::open(const BackendOptions& options) {
  std::unique_ptr<OtlpMetricsSink> sink(new OtlpMetricsSink(options));
  Result<std::unique_ptr<RequestDelivery>> delivery = RequestDelivery::open(options, sink->account_);
  if (!delivery) return Error{delivery.error()};
  sink->start(std::move(delivery).value());
  return sink;
}

void OtlpMetricsSink::start(std::unique_ptr<RequestDelivery> delivery) {
  delivery_ = std::move(delivery);
  thread_ = start_thread("suture-metrics", [this] { run(); });
}

OtlpMetricsSink::~OtlpMetricsSink() {
  if (!thread_.joinable()) return;
  if (!stop_.is_set()) begin_end(std::chrono::milliseconds{0});
  flush();
}

void OtlpMetricsSink::send(MetricSnapshot snapshot) {
  const std::uint64_t points = snapshot.points();
  const std::size_t weight = snapshot.weight_bytes();
  account_.enter(points, std::numeric_limits<std::uint64_t>::max());
  if (queue_.push(std::move(snapshot), weight)) account_.settle(Settlement::QueueFull, points);
  delivery_->wake();
}

void OtlpMetricsSink::begin_end(std::chrono::milliseconds deadline) {
  stop_.set(std::chrono::steady_clock::now() + deadline);
  queue_.close();
  delivery_->wake();
}

void OtlpMetricsSink::flush() {
  if (thread_.joinable()) thread_.join();
}

void OtlpMetricsSink::run() {
  while (!stop_.is_set()) {
    take_all();
    delivery_->work();
  }
  take_all();
  delivery_->drain(stop_);
}

void OtlpMetricsSink::take_all() {
  while (std::optional<MetricSnapshot> snapshot = queue_.pop(std::chrono::milliseconds{0})) {
    const std::uint64_t points = snapshot->points();
    if (delivery_->unwanted()) {
      account_.settle(Settlement::Rejected, points);
      continue;
    }
    const std::int64_t since = recast_.apply(*snapshot);
    const std::uint64_t left = snapshot->points();
    account_.settle(Settlement::Accepted, points - left);
    if (left != 0) delivery_->add(encoder_.encode(*snapshot, since, recast_), left);
  }
}

}  // namespace suture
