// What mending reads and changes in a request, in both encodings, and that it changes nothing else.
#include "telemetry.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <vector>

namespace suture::test {
namespace {

using Json = nlohmann::ordered_json;

std::vector<ReportedSpan> all_spans(Telemetry& telemetry) {
  std::vector<ReportedSpan> spans;
  telemetry.for_each_span([&](SpanRecord& record) { spans.push_back(record.facts()); });
  return spans;
}

/// Protobuf writes fields that it does not know behind the others: the same bytes in another order are the same message here.
std::string sorted(std::string bytes) {
  std::sort(bytes.begin(), bytes.end());
  return bytes;
}

const std::string kJsonSpans = R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeSpans":[{"scope":{"name":"scope"},"spans":[{
  "traceId":"22222222222222222222222222222222","spanId":"CCCCCCCCCCCCCCCC","name":"GET /a","kind":2,"startTimeUnixNano":"1000","endTimeUnixNano":"2000","future":{"x":[1.5,null]},
  "attributes":[{"key":"http.method","value":{"stringValue":"GET"}},{"key":"http.target","value":{"stringValue":"/a?q=1"}},
                {"key":"http.status_code","value":{"intValue":"200"}},{"key":"net.peer.port","value":{"stringValue":"4711"}}]}]}]}]})";

void expect_the_span(const ReportedSpan& span) {
  EXPECT_EQ(span.trace, trace('2'));
  EXPECT_EQ(span.span, suture::test::span('c'));
  EXPECT_FALSE(span.parent.valid());
  EXPECT_TRUE(span.server);
  EXPECT_EQ(span.start_unix_ns, 1000);
  EXPECT_EQ(span.end_unix_ns, 2000);
  EXPECT_EQ(span.method, "GET");
  EXPECT_EQ(span.path, "/a");
  EXPECT_EQ(span.status, 200);
  EXPECT_EQ(span.peer_port, 4711);
}

TEST(Telemetry, ReadsWhichRequestAServerSpanIsOf) {
  const auto protobuf = decode_protobuf(Signal::Traces, request({server_span('2', 'c')}));
  ASSERT_TRUE(protobuf);
  expect_the_span(all_spans(*protobuf).at(0));
  const auto json = decode_json(Signal::Traces, kJsonSpans);
  ASSERT_TRUE(json);
  expect_the_span(all_spans(*json).at(0));
}

TEST(Telemetry, CountsTheRecordsOfEachSignal) {
  EXPECT_EQ(decode_protobuf(Signal::Traces, request({server_span('2', 'c'), inner_span('2', 'd', 'c')}))->records(), 2u);
  EXPECT_EQ(decode_protobuf(Signal::Logs, request({log_record('2'), log_record('3')}))->records(), 2u);
  EXPECT_EQ(decode_protobuf(Signal::Metrics, request({metric('2')}))->records(), 1u);
  EXPECT_EQ(decode_json(Signal::Traces, kJsonSpans)->records(), 1u);
  EXPECT_EQ(decode_json(Signal::Metrics, R"({"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{},{}]}},{"summary":{"dataPoints":[{}]}}]}]}]})")->records(), 3u);
}

TEST(Telemetry, WhatIsNoRequestIsToldApart) {
  EXPECT_FALSE(decode_protobuf(Signal::Traces, "\x0a\x05xx"));
  for (const char* text : {"", "[]", "{", "7"}) EXPECT_FALSE(decode_json(Signal::Traces, text)) << text;
  std::string deep = R"({"resourceSpans":)";
  deep += std::string(10'000, '[') + std::string(10'000, ']') + "}";
  EXPECT_FALSE(decode_json(Signal::Traces, deep));
  // Members of another type than they should be are nobody's records.
  EXPECT_EQ(decode_json(Signal::Traces, R"({"resourceSpans":[7,{"scopeSpans":{"spans":1}},{"scopeSpans":[{"spans":["x"]}]}]})")->records(), 0u);
}

TEST(Telemetry, KeepsWhatItDoesNotKnow) {
  // Fields that no specification has yet, at every level; 1000 is of no message, 19 bytes that are no message.
  const std::string unknown = field(1000, "kept as it came");
  const std::string body = field(1, field(2, field(2, server_span('2', 'c') + unknown) + unknown) + unknown) + unknown;
  const auto telemetry = decode_protobuf(Signal::Traces, body);
  ASSERT_TRUE(telemetry);
  EXPECT_EQ(sorted(telemetry->encode()), sorted(body));
  telemetry->for_each([](TraceRecord& record) { record.move_to(trace('1'), 1); });
  const std::string moved = telemetry->encode();
  std::size_t kept = 0;
  for (std::size_t at = moved.find(unknown); at != std::string::npos; at = moved.find(unknown, at + 1)) ++kept;
  EXPECT_EQ(kept, 4u);
  EXPECT_NE(moved.find("GET /a"), std::string::npos);  // the name, which mending does not know either
}

TEST(Telemetry, JsonKeepsWhatItDoesNotKnow) {
  const auto telemetry = decode_json(Signal::Traces, kJsonSpans);
  ASSERT_TRUE(telemetry);
  EXPECT_EQ(Json::parse(telemetry->encode()), Json::parse(kJsonSpans));
  telemetry->for_each([](TraceRecord& record) { record.move_to(trace('1'), 1); });
  Json expected = Json::parse(kJsonSpans);
  Json& span = expected["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
  span["traceId"] = std::string(32, '1');
  span["attributes"].push_back({{"key", "suture.original.trace_id"}, {"value", {{"stringValue", std::string(32, '2')}}}});
  span["flags"] = 1;
  EXPECT_EQ(Json::parse(telemetry->encode()), expected);
}

/// The trace of the first record, and the one it had, as its encoded form has them.
void expect_moved(const std::string& body, std::string_view now, std::string_view before) {
  EXPECT_NE(body.find(now), std::string::npos);
  EXPECT_NE(body.find("suture.original.trace_id"), std::string::npos);
  EXPECT_NE(body.find(before), std::string::npos);
}

TEST(Telemetry, RecordsOfAllSignalsMoveToAnotherTrace) {
  const struct {
    Signal signal;
    std::string body;
  } cases[] = {{Signal::Traces, request({server_span('2', 'c')})}, {Signal::Logs, request({log_record('2')})}, {Signal::Metrics, request({metric('2')})}};
  for (const auto& each : cases) {
    const auto telemetry = decode_protobuf(each.signal, each.body);
    ASSERT_TRUE(telemetry);
    EXPECT_EQ(sorted(telemetry->encode()), sorted(each.body));  // reading alone changes nothing, and adds no empty messages
    std::size_t records = 0;
    telemetry->for_each([&](TraceRecord& record) {
      EXPECT_EQ(record.trace(), trace('2'));
      record.move_to(trace('1'), 1);
      EXPECT_EQ(record.trace(), trace('1'));
      ++records;
    });
    EXPECT_EQ(records, 1u);
    const std::string moved = telemetry->encode();
    EXPECT_EQ(moved.find(raw(trace('2'))), std::string::npos);
    expect_moved(moved, raw(trace('1')), std::string(32, '2'));
  }
  const auto logs = decode_json(Signal::Logs, R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"traceId":"22222222222222222222222222222222"}]}]}]})");
  logs->for_each([](TraceRecord& record) { record.move_to(trace('1'), 0); });
  expect_moved(logs->encode(), R"("traceId":"11111111111111111111111111111111")", std::string(32, '2'));
}

TEST(Telemetry, SampledIsKeptIfEitherIs) {
  for (const auto& [own, other, both] : {std::tuple{0, 1, 1}, {1, 0, 1}, {0, 0, 0}, {3, 1, 3}, {2, 3, 3}}) {
    const auto telemetry = decode_json(Signal::Traces, R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"flags":)" + std::to_string(own) + "}]}]}]}");
    telemetry->for_each([other = other](TraceRecord& record) { record.move_to(trace('1'), static_cast<std::uint8_t>(other)); });
    const Json moved = Json::parse(telemetry->encode());
    EXPECT_EQ(moved["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["flags"], both) << own << " " << other;
  }
}

}  // namespace
}  // namespace suture::test
