#pragma once
// OtlpSink: sends batches to a backend by OTLP, or as Zipkin's JSON, and keeps them while it cannot be reached.
//
//   capture thread --send()--> queue (batches) --> [ thread "suture-otlp": encode --> backlog (bytes) --> POST ]
//
// The thread encodes while an answer is outstanding, so that the queue stays short; the backlog holds encoded requests,
// which are some 15 times smaller than batches, so that an outage of minutes fits.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "base/result.h"
#include "export/delivery_queue.h"
#include "export/otlp/backlog.h"
#include "export/otlp/backoff.h"
#include "export/otlp/endpoint_log.h"
#include "export/otlp/http_client.h"
#include "export/otlp/options.h"
#include "export/otlp/reply.h"
#include "export/otlp/request_encoder.h"
#include "export/otlp/spill.h"
#include "export/span_sink.h"
#include "export/stop_time.h"

namespace suture {

class OtlpSink final : public SpanSink {
 public:
  /// Needs a CurlRuntime that outlives it. Does not connect yet: a backend may start after the agent.
  static Result<std::unique_ptr<OtlpSink>> open(const OtlpOptions& options);
  ~OtlpSink() override;

  std::string_view name() const override { return options_.name; }
  void send(Batch batch) override;
  void begin_end(std::chrono::milliseconds deadline) override;
  void flush(std::chrono::milliseconds deadline) override;
  DeliveryLedger ledger() const override { return queue_.ledger(); }

 private:
  using Clock = std::chrono::steady_clock;

  OtlpSink(const OtlpOptions& options, std::unique_ptr<HttpClient> client, std::optional<Spill> spill);

  // All below: the sink's thread only.
  void run();
  void drain();
  std::chrono::milliseconds pause() const;
  void take_all();
  void take(const Batch& batch);
  void start_first();
  bool settle_first(const HttpReply& reply);
  void drop(std::size_t index, Settlement outcome);
  void drop_expired();
  void drop_all();

  const OtlpOptions options_;
  DeliveryQueue queue_;
  StopTime stop_;  // set by flush()
  std::unique_ptr<HttpClient> client_;
  RequestEncoder encoder_;
  Backoff backoff_;
  EndpointLog log_;
  Backlog backlog_;                 // the first request is the one that is on its way, if one is
  bool disk_failed_ = false;
  Clock::time_point not_before_{};  // the endpoint asked for a pause, or failed
  std::thread thread_;              // last: starts when all else is there
};

}  // namespace suture
