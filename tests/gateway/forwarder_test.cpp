// Where each signal goes, and that it arrives as it came.
#include "gateway/forwarder.h"

#include "../export/fault_server.h"
#include "export/otlp/curl_runtime.h"
#include "gateway/gateway.h"
#include "telemetry.h"

namespace suture::test {
namespace {

BackendOptions destination(const std::string& url, OtlpProtocol protocol = OtlpProtocol::HttpProtobuf) {
  BackendOptions options;
  options.endpoint.url = url;
  options.protocol = protocol;
  options.gzip = false;
  return options;
}

TEST(Forwarder, KnowsTheAddressOfEachSignal) {
  EXPECT_EQ(url_of(destination("http://c:4318/base/v1/traces?key=1"), Signal::Logs), "http://c:4318/base/v1/logs?key=1");
  EXPECT_EQ(url_of(destination("http://c:4318/v1/traces"), Signal::Metrics), "http://c:4318/v1/metrics");
  EXPECT_EQ(url_of(destination("http://c:4317/opentelemetry.proto.collector.trace.v1.TraceService/Export", OtlpProtocol::Grpc), Signal::Logs),
            "http://c:4317/opentelemetry.proto.collector.logs.v1.LogsService/Export");
  EXPECT_EQ(url_of(destination("http://c/ingest"), Signal::Traces), "http://c/ingest");
  EXPECT_FALSE(url_of(destination("http://c/ingest"), Signal::Logs));
}

TEST(Forwarder, SendsWhatItIsGivenByteForByte) {
  Result<CurlRuntime> curl = CurlRuntime::start();
  ASSERT_TRUE(curl);
  FaultServer server({answer("200 OK")});
  server.start();
  auto forwarder = Forwarder::open({destination(server.url())});
  ASSERT_TRUE(forwarder);
  EXPECT_TRUE((*forwarder)->takes(Signal::Metrics, Encoding::Json));
  const std::string body = request({log_record('2')}) + field(1000, "unknown");
  Parcel parcel;
  parcel.signal = Signal::Logs;
  parcel.body = body;
  parcel.records = 1;
  (*forwarder)->send(std::move(parcel));
  (*forwarder)->flush(std::chrono::seconds(10));
  ASSERT_EQ(server.request_count(), 1u);
  EXPECT_EQ(server.requests()[0].body, body);
  EXPECT_TRUE(server.requests()[0].head.starts_with("POST /v1/logs ")) << server.requests()[0].head;
  const auto ledgers = (*forwarder)->ledgers();
  ASSERT_EQ(ledgers.size(), 1u);
  EXPECT_EQ(ledgers[0].first, "otlp-sdk-logs");
  EXPECT_EQ(ledgers[0].second.accepted, 1u);
}

TEST(Forwarder, AGrpcDestinationTakesNoJson) {
  const auto forwarder = Forwarder::open({destination("http://c:4317/opentelemetry.proto.collector.trace.v1.TraceService/Export", OtlpProtocol::Grpc)});
  ASSERT_TRUE(forwarder);
  EXPECT_TRUE(forwarder.value()->takes(Signal::Traces, Encoding::Protobuf));
  EXPECT_FALSE(forwarder.value()->takes(Signal::Traces, Encoding::Json));
}

TEST(Gateway, SaysWhyItCannotBe) {
  const auto nowhere = Gateway::open({.listen = "127.0.0.1:0"}, {});
  ASSERT_FALSE(nowhere);
  EXPECT_NE(nowhere.error().find("--otlp http"), std::string::npos);
  const auto itself = Gateway::open({.listen = "127.0.0.1:4318"}, {destination("http://localhost:4318/v1/traces")});
  ASSERT_FALSE(itself);
  EXPECT_NE(itself.error().find("itself"), std::string::npos);
}

}  // namespace
}  // namespace suture::test
