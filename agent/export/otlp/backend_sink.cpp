#include "export/otlp/backend_sink.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "export/named_thread.h"

namespace suture {

Result<std::unique_ptr<BackendSink>> BackendSink::open(const BackendOptions& options) {
  std::unique_ptr<BackendSink> sink(new BackendSink(options));
  Result<std::unique_ptr<RequestDelivery>> delivery = RequestDelivery::open(options, sink->queue_.account());
  if (!delivery) return Error{delivery.error()};
  sink->start(std::move(delivery).value());
  return sink;
}

BackendSink::BackendSink(const BackendOptions& options)
    : options_(options), queue_(options.queue_bytes, options.queue_spans), encoder_(options.protocol, options.gzip) {}

void BackendSink::start(std::unique_ptr<RequestDelivery> delivery) {
  delivery_ = std::move(delivery);
  if (const std::uint64_t found = delivery_->waiting(); found != 0) {
    queue_.add_found(found);
    spdlog::info("{}: {} spans of an earlier run wait for {}.", options_.name, found, options_.shown());
  }
  thread_ = start_thread("suture-otlp", [this] { run(); });
}

BackendSink::~BackendSink() { flush(std::chrono::milliseconds{0}); }

void BackendSink::send(Batch batch) {
  queue_.push(std::move(batch));
  delivery_->wake();
}

void BackendSink::begin_end(std::chrono::milliseconds deadline) {
  stop_.set(std::chrono::steady_clock::now() + deadline);
  queue_.close();
  delivery_->wake();
}

void BackendSink::flush(std::chrono::milliseconds deadline) {
  if (!thread_.joinable()) return;
  if (!stop_.is_set()) begin_end(deadline);
  thread_.join();
}

void BackendSink::run() {
  while (!stop_.is_set()) {
    take_all();
    delivery_->work();
  }
  take_all();
  delivery_->drain(stop_);
}

void BackendSink::take_all() {
  while (const auto batch = queue_.pop(std::chrono::milliseconds{0})) delivery_->add(encoder_.encode(*batch), batch->span_count);
}

}  // namespace suture
