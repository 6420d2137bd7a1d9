#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "export/prometheus/names.h"
#include "export/prometheus/text.h"
#include "metrics_sample.h"

namespace suture {
namespace {

std::string golden(const char* name) {
  std::ifstream file(std::string(GOLDENS) + "/" + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Prometheus, WritesItsTextFormat) {
  EXPECT_EQ(prometheus_text(test::metrics_sample(), PrometheusFormat::Text), golden("metrics.prom"));
}

TEST(Prometheus, WritesOpenMetricsWithExemplars) {
  EXPECT_EQ(prometheus_text(test::metrics_sample(), PrometheusFormat::OpenMetrics), golden("metrics.openmetrics"));
}

// Prometheus's own tool finds nothing wrong. It takes names that are no Prometheus developer's taste for errors as well: those of
// Tempo's histograms and OpenTelemetry's are theirs to choose, so each family of the agent's list is written.
TEST(Prometheus, IsWhatPromtoolReads) {
  ASSERT_EQ(std::system("command -v promtool > /dev/null"), 0) << "no promtool on this host: scripts/setup test";
  MetricSnapshot snapshot = test::metrics_sample();
  MetricGroup& own = snapshot.groups.front();
  for (const Instrument* instrument : instruments::kAll) {
    Family& family = own.family(*instrument);
    if (!family.points.empty()) continue;
    if (instrument->bounds) family.points.push_back({Labels(), test::kStart, HistogramPoint()});
    else family.points.push_back({Labels(), test::kStart, std::int64_t{1}});
  }
  std::FILE* const tool = ::popen("promtool check metrics", "w");
  ASSERT_NE(tool, nullptr);
  const std::string text = prometheus_text(snapshot, PrometheusFormat::Text);
  std::fwrite(text.data(), 1, text.size(), tool);
  EXPECT_EQ(::pclose(tool), 0);
}

TEST(Prometheus, NamesAsOpenTelemetrySays) {
  const auto name = [](const Instrument& instrument) { return prometheus_name(instrument).family; };
  EXPECT_EQ(name(instruments::kServerDuration), "http_server_request_duration_seconds");
  EXPECT_EQ(name(instruments::kServerActive), "http_server_active_requests");
  EXPECT_EQ(name(instruments::kLinkPrecision), "suture_link_precision_ratio");
  EXPECT_EQ(name(instruments::kMemory), "process_memory_usage_bytes");
  // These are Tempo's already.
  EXPECT_EQ(name(instruments::kEdgeRequests), "traces_service_graph_request");
  EXPECT_EQ(name(instruments::kEdgeServer), "traces_service_graph_request_server_seconds");
}

TEST(Prometheus, GivesTheFormatThatIsAskedFor) {
  const struct {
    const char* accept;
    PrometheusFormat expected;
  } cases[] = {
      {"", PrometheusFormat::Text},
      {"*/*", PrometheusFormat::Text},
      {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
       PrometheusFormat::OpenMetrics},
      {"Application/OpenMetrics-Text; Version=1.0.0; q=0.3, text/plain;q=0.8", PrometheusFormat::Text},
      {"application/openmetrics-text;version=2.0.0", PrometheusFormat::Text},
      {"application/openmetrics-text;q=0", PrometheusFormat::Text},
      {"application/openmetrics-text;q=x", PrometheusFormat::Text},
      {",;=,;;q", PrometheusFormat::Text},
  };
  for (const auto& test_case : cases) EXPECT_EQ(format_for(test_case.accept), test_case.expected) << test_case.accept;
}

}  // namespace
}  // namespace suture
