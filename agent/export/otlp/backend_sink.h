#pragma once
// BackendSink: sends batches to a backend by OTLP, or as Zipkin's JSON, and keeps them while it cannot be reached.
//
//   capture thread --send()--> queue (batches) --> [ thread "suture-otlp": encode --> RequestDelivery: backlog (bytes) --> POST ]
//
// The thread encodes while an answer is outstanding, so that the queue stays short; the backlog holds encoded requests,
// which are some 15 times smaller than batches, so that an outage of minutes fits.

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "base/result.h"
#include "export/delivery_queue.h"
#include "export/otlp/options.h"
#include "export/otlp/request_delivery.h"
#include "export/otlp/request_encoder.h"
#include "export/span_sink.h"
#include "export/stop_time.h"

namespace suture {

class BackendSink final : public SpanSink {
 public:
  /// Needs a CurlRuntime that outlives it. Does not connect yet: a backend may start after the agent.
  static Result<std::unique_ptr<BackendSink>> open(const BackendOptions& options);
  ~BackendSink() override;

  std::string_view name() const override { return options_.name; }
  void send(Batch batch) override;
  void begin_end(std::chrono::milliseconds deadline) override;
  void flush(std::chrono::milliseconds deadline) override;
  DeliveryLedger ledger() const override { return queue_.ledger(); }

 private:
  explicit BackendSink(const BackendOptions& options);
  void start(std::unique_ptr<RequestDelivery> delivery);

  // The sink's thread only.
  void run();
  void take_all();

  const BackendOptions options_;
  DeliveryQueue queue_;
  StopTime stop_;  // set by flush()
  RequestEncoder encoder_;
  std::unique_ptr<RequestDelivery> delivery_;
  std::thread thread_;  // last: starts when all else is there
};

}  // namespace suture
