// OtlpMetricsSink against a server: delivery itself is BackendSink's too, and tested there.

#include "export/otlp/metrics_sink.h"

#include <gtest/gtest.h>

#include <memory>

#include "export/otlp/curl_runtime.h"
#include "fault_server.h"
#include "metrics_sample.h"

namespace suture {
namespace {

using std::chrono::milliseconds;
using test::answer;
using test::FaultServer;
using test::kProtobufType;

class OtlpMetricsSinkTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto started = CurlRuntime::start();
    ASSERT_TRUE(started) << started.error();
    curl_ = std::make_unique<CurlRuntime>(std::move(started).value());
  }
  std::unique_ptr<OtlpMetricsSink> open(const FaultServer& server) {
    BackendOptions options;
    options.signal = OtlpSignal::Metrics;
    options.gzip = false;
    options.endpoint.url = server.url();
    auto sink = OtlpMetricsSink::open(options);
    EXPECT_TRUE(sink) << sink.error();
    return std::move(sink).value();
  }

 private:
  std::unique_ptr<CurlRuntime> curl_;
};

TEST_F(OtlpMetricsSinkTest, DeliversWhatWaitsAtTheEnd) {
  FaultServer server({answer("200 OK", kProtobufType)});
  server.start();
  const auto sink = open(server);
  sink->send(test::metrics_sample());
  sink->begin_end(milliseconds{10'000});
  sink->flush();
  ASSERT_EQ(server.request_count(), 1u);
  otlp::v1::ExportMetricsServiceRequest request;
  EXPECT_TRUE(request.ParseFromString(server.requests()[0].body));
  EXPECT_EQ(request.resource_metrics_size(), 2);
  EXPECT_EQ(sink->ledger().accepted, test::metrics_sample().points());
  EXPECT_EQ(sink->ledger().queued, sink->ledger().accepted);
}

TEST_F(OtlpMetricsSinkTest, SendsNoMoreToABackendThatHasNoUseForMetrics) {
  FaultServer server({answer("404 Not Found")});
  server.start();
  const auto sink = open(server);
  const std::uint64_t points = test::metrics_sample().points();
  for (std::uint64_t sent = 1; sent <= 3; ++sent) {
    sink->send(test::metrics_sample());
    ASSERT_TRUE(test::wait_until([&] { return sink->ledger().dropped_rejected == sent * points; }));
  }
  EXPECT_EQ(server.request_count(), 1u);
  EXPECT_EQ(sink->ledger().waiting, 0u);
}

}  // namespace
}  // namespace suture
