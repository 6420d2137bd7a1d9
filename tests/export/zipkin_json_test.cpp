#include "export/zipkin_json.h"

#include <gtest/gtest.h>

#include "sample.h"

namespace suture {
namespace {

std::string zipkin_of(const Batch& batch) {
  std::string out;
  append_zipkin_json(out, batch);
  return out;
}

/// What every span's tags end with, as the resource names no SDK.
const std::string kCommonTags = R"("telemetry.sdk.name":"suture","telemetry.sdk.language":"cpp","telemetry.sdk.version":")" SUTURE_VERSION
                                R"(","otel.scope.name":"suture","otel.scope.version":")" SUTURE_VERSION R"(")";

TEST(ZipkinJson, WritesAServerSpan) {
  EXPECT_EQ(zipkin_of(test::batch_of({test::server_span(2)})),
            R"([{"traceId":"4bf92f3577b34da6a3ce929d0e0e4701","id":"00f067aa0ba90202","kind":"SERVER","name":"GET",)"
            R"("timestamp":1700000000000000,"duration":2000,"localEndpoint":{"serviceName":"shop"},)"
            R"("tags":{"url.path":"/hello","http.response.status_code":"200",)" +
                kCommonTags + "}}]");
}

TEST(ZipkinJson, WritesAFailedClientSpanWithWhomItAsked) {
  Span span;
  span.trace_id = test::trace_id(1);
  span.span_id = test::span_id(3);
  span.parent_id = test::span_id(2);
  span.kind = SpanKind::Client;
  span.status = SpanStatus::Error;
  span.start_unix_ns = test::kStart + 999;
  span.end_unix_ns = test::kStart + 2999;  // 2 us, although the ends are 3 apart when each is cut
  span.name = "POST";
  span.attributes.add(AttributeKey::ServerAddress, "cart.internal");
  span.attributes.add(AttributeKey::ServerPort, std::int64_t{80});
  span.attributes.add(AttributeKey::NetworkPeerAddress, "10.0.0.7");
  span.attributes.add(AttributeKey::NetworkPeerPort, std::int64_t{8080});
  span.attributes.add(AttributeKey::SutureLinkConfidence, 0.5);
  span.attributes.add(AttributeKey::SutureHeadTruncated, true);
  Batch batch = test::batch_of({span});
  batch.groups[0].resource.attributes.push_back({"process.pid", std::int64_t{42}});
  EXPECT_EQ(zipkin_of(batch),
            R"([{"traceId":"4bf92f3577b34da6a3ce929d0e0e4701","id":"00f067aa0ba90203","parentId":"00f067aa0ba90202","kind":"CLIENT","name":"POST",)"
            R"("timestamp":1700000000000000,"duration":2,"localEndpoint":{"serviceName":"shop"},)"
            R"("remoteEndpoint":{"serviceName":"cart.internal","ipv4":"10.0.0.7","port":8080},)"
            R"("tags":{"server.address":"cart.internal","server.port":"80","network.peer.address":"10.0.0.7","network.peer.port":"8080",)"
            R"("suture.link.confidence":"0.5","suture.head.truncated":"true","process.pid":"42",)" +
                kCommonTags + R"(,"otel.status_code":"ERROR","error":""}}])");
}

TEST(ZipkinJson, NamesARemoteEndpointOnlyByWhatItKnows) {
  const auto endpoint_of = [](SpanKind kind, const char* server, const char* peer) {
    Span span = test::server_span(1);
    span.kind = kind;
    if (server) span.attributes.add(AttributeKey::ServerAddress, server);
    if (peer) span.attributes.add(AttributeKey::NetworkPeerAddress, peer);
    const std::string json = zipkin_of(test::batch_of({span}));
    const auto begin = json.find("\"remoteEndpoint\":");
    return begin == std::string::npos ? std::string() : json.substr(begin + 17, json.find('}', begin) - begin - 16);
  };
  EXPECT_EQ(endpoint_of(SpanKind::Client, nullptr, "2001:db8::1"), R"({"ipv6":"2001:db8::1"})");
  EXPECT_EQ(endpoint_of(SpanKind::Client, "cart", "/run/cart.sock"), R"({"serviceName":"cart"})");
  EXPECT_EQ(endpoint_of(SpanKind::Client, nullptr, nullptr), "");
  EXPECT_EQ(endpoint_of(SpanKind::Server, "shop", "10.0.0.7"), "") << "a server's address is its own";
}

TEST(ZipkinJson, LeavesOutWhatZipkinDoesNotHave) {
  Span span = test::server_span(1);
  span.kind = SpanKind::Internal;
  span.end_unix_ns = span.start_unix_ns + 300;
  for (int i = 0; i < 40; ++i) span.attributes.add(AttributeKey::UrlQuery, "q");
  const std::string json = zipkin_of(test::batch_of({span}));
  EXPECT_EQ(json.find("\"kind\""), std::string::npos);
  EXPECT_EQ(json.find("parentId"), std::string::npos);
  EXPECT_NE(json.find(R"("duration":1,)"), std::string::npos) << "none would mean that the span has not ended";
  EXPECT_NE(json.find(R"("otel.dropped_attributes_count":"10")"), std::string::npos) << json;
}

TEST(ZipkinJson, PutsTheSpansOfAllProcessesInOneArray) {
  Batch batch = test::batch_of_size(2);
  batch.groups.push_back(test::batch_of({test::server_span(9)}, "cart").groups[0]);
  const std::string json = zipkin_of(batch);
  std::size_t seams = 0;
  for (auto at = json.find("}},{"); at != std::string::npos; at = json.find("}},{", at + 1)) ++seams;
  EXPECT_EQ(seams, 2u) << json;
  EXPECT_NE(json.find(R"("serviceName":"cart")"), std::string::npos);
  EXPECT_EQ(zipkin_of({}), "[]");
}

}  // namespace
}  // namespace suture
