#include "metrics_export.h"

#include <utility>

#include <spdlog/spdlog.h>

#include "metrics_server.h"

namespace suture {
namespace {

constexpr std::uint64_t kAnswerNs = 100'000'000;  // whoever scrapes as fast as they can takes some percent of the capture thread

}  // namespace

Result<std::unique_ptr<MetricsExport>> MetricsExport::open(const MetricsExportOptions& options) {
  std::unique_ptr<MetricsExport> made(new MetricsExport(options));
  for (const BackendOptions& otlp : options.otlp) {
    Result<std::unique_ptr<OtlpMetricsSink>> sink = OtlpMetricsSink::open(otlp);
    if (!sink) return Error{sink.error()};
    made->sinks_.push_back(std::move(sink).value());
  }
  made->listen("--ui", options.ui);
  made->listen("OTEL_EXPORTER_PROMETHEUS_HOST and _PORT", options.prometheus);
  return made;
}

void MetricsExport::listen(std::string_view source, const std::string& address) {
  if (address.empty()) return;
  Result<std::unique_ptr<HttpServer>> server = serve_metrics(source, address, desk_);
  if (server) servers_.push_back(std::move(server).value());
  else spdlog::warn("{} The agent goes on without metrics there.", server.error());
}

MetricsExport::~MetricsExport() { desk_.close(); }

void MetricsExport::tick(std::uint64_t now_ns, const Collect& collect) {
  if (desk_.asked() && now_ns >= last_answer_ns_ + kAnswerNs) {
    last_answer_ns_ = now_ns;
    desk_.answer(collect());
  }
  if (last_sent_ns_ == 0) last_sent_ns_ = now_ns;
  if (sinks_.empty() || now_ns < last_sent_ns_ + interval_ns_) return;
  last_sent_ns_ = now_ns;
  send(collect());
}

void MetricsExport::send(MetricSnapshot snapshot) {
  for (std::size_t i = 0; i + 1 < sinks_.size(); ++i) sinks_[i]->send(snapshot);
  if (!sinks_.empty()) sinks_.back()->send(std::move(snapshot));
}

void MetricsExport::begin_end(MetricSnapshot last, std::chrono::milliseconds deadline) {
  desk_.close();
  send(std::move(last));
  for (const auto& sink : sinks_) sink->begin_end(deadline);
}

void MetricsExport::flush() {
  for (const auto& sink : sinks_) sink->flush();
}

MetricDeliveries MetricsExport::deliveries() const {
  MetricDeliveries deliveries;
  for (const auto& sink : sinks_) deliveries.emplace_back(sink->name(), sink->ledger());
  return deliveries;
}

}  // namespace suture
