#include "metrics_server.h"

#include <mutex>
#include <optional>

#include "export/prometheus/text.h"

namespace suture {
namespace {

using std::chrono::milliseconds;

// The capture thread comes by every 50 ms at least; where it does not for so long, the host is in trouble.
constexpr milliseconds kWait{2000};

HttpServer::Response plain(unsigned status, std::string words) { return {.status = status, .content_type = "text/plain; charset=utf-8", .body = std::move(words)}; }

HttpServer::Response answer(const HttpServer::Request& request, SnapshotDesk& desk) {
  if (request.path == "/") return plain(200, "suture: metrics are at /metrics\n");
  if (request.path != "/metrics") return plain(404, "Nothing is here. Metrics are at /metrics\n");
  if (request.method != "GET" && request.method != "HEAD") {
    HttpServer::Response refusal = plain(405, "Use GET.\n");
    refusal.headers.emplace_back("Allow", "GET, HEAD");
    return refusal;
  }
  const std::optional<MetricSnapshot> snapshot = desk.ask(kWait);
  if (!snapshot) return plain(503, "The agent is too busy, or ends. Try again.\n");
  const PrometheusFormat format = format_for(request.header("Accept"));
  return {.content_type = std::string(content_type_of(format)), .body = prometheus_text(*snapshot, format)};
}

/// Scrapers read small heads and send nothing; whoever else comes gets little.
constexpr HttpServer::Limits kLimits{.connections = 32,
                                     .head_bytes = 8 * 1024,
                                     .body_bytes = 4 * 1024,
                                     .bodies_bytes = 64 * 1024,
                                     .idle = std::chrono::seconds(90),  // scrapes that come once a minute keep their connection
                                     .request = std::chrono::seconds(5)};

}  // namespace

Result<std::unique_ptr<HttpServer>> serve_metrics(std::string_view source, std::string_view address, SnapshotDesk& desk) {
  return HttpServer::listen(source, address, kLimits, [&desk](HttpServer::Request&& request) { return answer(request, desk); });
}

}  // namespace suture
