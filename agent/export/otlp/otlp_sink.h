#pragma once
// OtlpSink: sends batches to an OpenTelemetry backend by OTLP/HTTP, and keeps them while it cannot be reached.
//
//   capture thread --send()--> queue (batches) --> [ thread "suture-otlp": encode --> backlog (bytes) --> POST ]
//
// The backlog holds encoded requests, which are some 15 times smaller than batches, so that an outage of minutes fits.

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>

#include "base/result.h"
#include "export/delivery_queue.h"
#include "export/otlp/backoff.h"
#include "export/otlp/encoder.h"
#include "export/otlp/endpoint_log.h"
#include "export/otlp/http_client.h"
#include "export/otlp/options.h"
#include "export/otlp/reply.h"
#include "export/span_sink.h"
#include "export/stop_time.h"

namespace suture {

class OtlpSink final : public SpanSink {
 public:
  /// Needs a CurlRuntime that outlives it. Does not connect yet: a backend may start after the agent.
  static Result<std::unique_ptr<OtlpSink>> open(const OtlpOptions& options);
  ~OtlpSink() override;

  std::string_view name() const override { return "otlp"; }
  void send(Batch batch) override { queue_.push(std::move(batch)); }
  void flush(std::chrono::milliseconds deadline) override;
  DeliveryLedger ledger() const override { return queue_.ledger(); }

 private:
  using Clock = std::chrono::steady_clock;

  struct Request {
    std::string body;
    std::uint64_t spans;
    Clock::time_point made;
  };

  OtlpSink(const OtlpOptions& options, std::unique_ptr<HttpClient> client);

  // All below: the sink's thread only.
  void run();
  void drain();
  std::chrono::milliseconds pause() const;
  void take(const Batch& batch);
  bool deliver_first();
  void settle_first(Settlement outcome);
  void drop_expired();
  void drop_all();

  const OtlpOptions options_;
  DeliveryQueue queue_;
  StopTime stop_;  // set by flush()
  std::unique_ptr<HttpClient> client_;
  OtlpEncoder encoder_;
  Backoff backoff_;
  EndpointLog log_;
  std::deque<Request> backlog_;  // oldest first
  std::size_t backlog_bytes_ = 0;
  Clock::time_point not_before_{};  // the endpoint asked for a pause, or failed
  std::thread thread_;              // last: starts when all else is there
};

}  // namespace suture
