#pragma once
// MetricsExport: everything that metrics leave by: HTTP servers for scrapers, and OTLP at an interval. Runs on the capture
// thread; servers and senders have threads of their own.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "export/otlp/metrics_sink.h"
#include "http_server/http_server.h"
#include "metrics/snapshot_desk.h"
#include "own_metrics.h"

namespace suture {

struct MetricsExportOptions {
  std::string ui = "127.0.0.1:7070";  // where scrapers and people look; "": nowhere
  std::string prometheus;             // the same at the address of OTEL_EXPORTER_PROMETHEUS_*; "": not asked for
  std::vector<BackendOptions> otlp;      // with any, main holds a CurlRuntime
  std::chrono::milliseconds interval{60'000};
};

class MetricsExport {
 public:
  using Collect = std::function<MetricSnapshot()>;

  /// An address that cannot be listened at is warned of, and the agent goes on without.
  static Result<std::unique_ptr<MetricsExport>> open(const MetricsExportOptions& options);
  ~MetricsExport();

  /// Collects if somebody waits for it.
  void tick(std::uint64_t now_ns, const Collect& collect);
  /// The end of what is collected: scrapers get nothing more, OTLP gets `last`. Returns at once.
  void begin_end(MetricSnapshot last, std::chrono::milliseconds deadline);
  /// Waits for the senders, until the deadline.
  void flush();

  MetricDeliveries deliveries() const;

 private:
  explicit MetricsExport(const MetricsExportOptions& options) : interval_ns_(static_cast<std::uint64_t>(std::chrono::nanoseconds(options.interval).count())) {}
  void listen(std::string_view source, const std::string& address);
  void send(MetricSnapshot snapshot);

  const std::uint64_t interval_ns_;
  SnapshotDesk desk_;
  std::vector<std::unique_ptr<HttpServer>> servers_;
  std::vector<std::unique_ptr<OtlpMetricsSink>> sinks_;
  std::uint64_t last_sent_ns_ = 0, last_answer_ns_ = 0;
};

}  // namespace suture
