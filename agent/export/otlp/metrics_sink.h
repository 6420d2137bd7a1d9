#pragma once
// OtlpMetricsSink: sends snapshots of metrics to an OpenTelemetry backend, as BackendSink does with spans. Snapshots that wait
// for an endpoint go one after the other, as each says what it was at its moment.

#include <chrono>
#include <memory>
#include <string_view>
#include <thread>

#include "base/bounded_queue.h"
#include "base/result.h"
#include "export/delivery_account.h"
#include "export/otlp/metrics_encoder.h"
#include "export/otlp/options.h"
#include "export/otlp/request_delivery.h"
#include "export/otlp/temporality.h"
#include "export/stop_time.h"
#include "metrics/snapshot.h"

namespace suture {

class OtlpMetricsSink {
 public:
  /// Needs a CurlRuntime that outlives it. Does not connect yet.
  static Result<std::unique_ptr<OtlpMetricsSink>> open(const BackendOptions& options);
  ~OtlpMetricsSink();

  std::string_view name() const { return options_.name; }
  /// Never blocks. What does not fit is dropped and counted.
  void send(MetricSnapshot snapshot);
  /// No more send(). Returns at once; what waits is delivered for at most `deadline`.
  void begin_end(std::chrono::milliseconds deadline);
  /// Waits for that.
  void flush();
  /// Of data points; from any thread.
  DeliveryLedger ledger() const { return account_.ledger(); }

 private:
  explicit OtlpMetricsSink(const BackendOptions& options)
      : options_(options), queue_(options.queue_bytes), recast_(options.temporality), encoder_(options.protocol, options.gzip) {}
  void start(std::unique_ptr<RequestDelivery> delivery);

  // The sink's thread only.
  void run();
  void take_all();

  const BackendOptions options_;
  BoundedQueue<MetricSnapshot> queue_;
  DeliveryAccount account_;  // a data point that is recast to nothing new counts as accepted
  StopTime stop_;            // set by begin_end()
  TemporalityRecast recast_;
  MetricsEncoder encoder_;
  std::unique_ptr<RequestDelivery> delivery_;
  std::thread thread_;  // last: starts when all else is there
};

}  // namespace suture
