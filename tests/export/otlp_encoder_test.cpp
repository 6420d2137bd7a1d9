#include <gtest/gtest.h>
#include <zlib.h>

#include <map>
#include <set>

#include "export/otlp/request_encoder.h"
#include "export/otlp_json.h"
#include "sample.h"

namespace suture {
namespace {

otlp::v1::ExportTraceServiceRequest decode(std::string_view bytes) {
  otlp::v1::ExportTraceServiceRequest request;
  EXPECT_TRUE(request.ParseFromString(std::string(bytes)));
  return request;
}

std::string gunzip(std::string_view bytes) {
  std::string out(1 << 20, '\0');
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 31), Z_OK);
  std::string in(bytes);
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

/// A span that uses every field we have.
Span full_span() {
  Span span = test::server_span(2);
  span.parent_id = test::span_id(1);
  span.parent_is_remote = true;
  span.trace_flags = 3;
  span.status = SpanStatus::Error;
  span.trace_state = "vendor=1";
  span.attributes.add(AttributeKey::SutureLinkConfidence, 0.5);
  span.attributes.add(AttributeKey::SutureHeadTruncated, true);
  span.links.push_back({.trace_id = test::trace_id(9), .span_id = test::span_id(9), .trace_state = "l=2", .flags = 1, .method = "late"});
  for (int i = 0; i < 40; ++i) span.attributes.add(AttributeKey::UrlPath, "/again");
  return span;
}

std::string attribute(const otlp::v1::Resource& resource, const std::string& key) {
  for (const auto& pair : resource.attributes())
    if (pair.key() == key) return pair.value().string_value();
  return "(none)";
}

TEST(OtlpEncoder, WritesEveryFieldOfASpan) {
  OtlpEncoder encoder;
  const auto request = decode(encoder.encode(test::batch_of({full_span()})));

  ASSERT_EQ(request.resource_spans_size(), 1);
  const auto& group = request.resource_spans(0);
  EXPECT_EQ(group.schema_url(), "https://opentelemetry.io/schemas/1.44.0");
  EXPECT_EQ(attribute(group.resource(), "service.name"), "shop");
  EXPECT_EQ(attribute(group.resource(), "telemetry.sdk.name"), "suture");
  EXPECT_EQ(attribute(group.resource(), "telemetry.sdk.language"), "cpp");
  EXPECT_EQ(attribute(group.resource(), "telemetry.sdk.version"), SUTURE_VERSION);
  ASSERT_EQ(group.scope_spans_size(), 1);
  EXPECT_EQ(group.scope_spans(0).scope().name(), "suture");
  EXPECT_EQ(group.scope_spans(0).scope().version(), SUTURE_VERSION);
  ASSERT_EQ(group.scope_spans(0).spans_size(), 1);

  const auto& span = group.scope_spans(0).spans(0);
  EXPECT_EQ(span.trace_id(), std::string("\x4b\xf9\x2f\x35\x77\xb3\x4d\xa6\xa3\xce\x92\x9d\x0e\x0e\x47\x01", 16));
  EXPECT_EQ(span.span_id(), std::string("\x00\xf0\x67\xaa\x0b\xa9\x02\x02", 8));
  EXPECT_EQ(span.parent_span_id(), std::string("\x00\xf0\x67\xaa\x0b\xa9\x02\x01", 8));
  EXPECT_EQ(span.trace_state(), "vendor=1");
  EXPECT_EQ(span.name(), "GET");
  EXPECT_EQ(span.kind(), otlp::v1::Span::SERVER);
  EXPECT_EQ(span.start_time_unix_nano(), 1'700'000'000'000'000'000u);
  EXPECT_EQ(span.end_time_unix_nano(), 1'700'000'000'002'000'000u);
  EXPECT_EQ(span.status().code(), otlp::v1::Status::ERROR);
  ASSERT_EQ(span.links_size(), 1);
  EXPECT_EQ(span.links(0).span_id().back(), '\x09');
  EXPECT_EQ(span.links(0).trace_state(), "l=2");
  EXPECT_EQ(span.links(0).flags(), 1u);
  ASSERT_EQ(span.links(0).attributes_size(), 1);
  EXPECT_EQ(span.links(0).attributes(0).key(), "suture.link.method");
  EXPECT_EQ(span.links(0).attributes(0).value().string_value(), "late");

  ASSERT_EQ(span.attributes_size(), 32);
  EXPECT_EQ(span.dropped_attributes_count(), 12u);
  EXPECT_EQ(span.attributes(0).key(), "url.path");
  EXPECT_EQ(span.attributes(0).value().string_value(), "/hello");
  EXPECT_EQ(span.attributes(1).key(), "http.response.status_code");
  EXPECT_EQ(span.attributes(1).value().int_value(), 200);
  EXPECT_EQ(span.attributes(2).value().double_value(), 0.5);
  EXPECT_TRUE(span.attributes(3).value().bool_value());
}

TEST(OtlpEncoder, SaysInTheFlagsWhetherTheParentIsRemote) {
  struct Case {
    bool has_parent;
    bool remote;
    std::uint8_t trace_flags;
    std::uint32_t expected;
  };
  for (const Case& test_case : {Case{false, false, 0, 0x100}, Case{false, false, 3, 0x103}, Case{true, false, 1, 0x101},
                                Case{true, true, 1, 0x301}, Case{true, true, 0, 0x300}}) {
    Span span = test::server_span(2);
    if (test_case.has_parent) span.parent_id = test::span_id(1);
    span.parent_is_remote = test_case.remote;
    span.trace_flags = test_case.trace_flags;
    OtlpEncoder encoder;
    const auto request = decode(encoder.encode(test::batch_of({span})));
    EXPECT_EQ(request.resource_spans(0).scope_spans(0).spans(0).flags(), test_case.expected);
  }
}

TEST(OtlpEncoder, MendsTextThatIsNoUtf8) {
  Span span = test::server_span(1);
  span.name = "G\xFFT";
  span.attributes.add(AttributeKey::UserAgentOriginal, "caf\xE9");
  OtlpEncoder encoder;
  const auto request = decode(encoder.encode(test::batch_of({span}, "s\x80")));
  const auto& group = request.resource_spans(0);
  EXPECT_EQ(attribute(group.resource(), "service.name"), "s\uFFFD");
  EXPECT_EQ(group.scope_spans(0).spans(0).name(), "G\uFFFDT");
  EXPECT_EQ(group.scope_spans(0).spans(0).attributes(2).value().string_value(), "caf\uFFFD");
}

TEST(OtlpEncoder, LeavesAResourceAloneThatNamesItsOwnSdk) {
  Batch batch = test::batch_of_size(1);
  batch.groups[0].resource.attributes.push_back({"telemetry.sdk.name", std::string("opentelemetry")});
  OtlpEncoder encoder;
  const auto request = decode(encoder.encode(batch));
  EXPECT_EQ(request.resource_spans(0).resource().attributes_size(), 2);
}

TEST(OtlpEncoder, GzipHoldsTheSameBytesBatchAfterBatch) {
  RequestEncoder plain(OtlpProtocol::HttpProtobuf, false);
  RequestEncoder gzip(OtlpProtocol::HttpProtobuf, true);
  for (std::size_t count : {1u, 200u, 3u}) {
    const Batch batch = test::batch_of_size(count);
    EXPECT_EQ(gunzip(gzip.encode(batch)), plain.encode(batch));
  }
}

TEST(RequestEncoder, FramesTheSameMessageForGrpc) {
  const Batch batch = test::batch_of_size(3);
  for (const bool compressed : {false, true}) {
    RequestEncoder grpc(OtlpProtocol::Grpc, compressed);
    RequestEncoder http(OtlpProtocol::HttpProtobuf, compressed);
    const std::string frame(grpc.encode(batch));
    const std::string message(http.encode(batch));
    ASSERT_EQ(frame.size(), message.size() + 5);
    EXPECT_EQ(frame[0], compressed ? 1 : 0);
    EXPECT_EQ(frame.substr(1, 4), std::string({0, 0, static_cast<char>(message.size() >> 8), static_cast<char>(message.size())}));
    EXPECT_EQ(frame.substr(5), message);
  }
}

TEST(RequestEncoder, SendsTheJsonThatTheFileFormatHas) {
  const Batch batch = test::batch_of({full_span()});
  std::string json;
  append_otlp_json(json, batch);
  RequestEncoder plain(OtlpProtocol::HttpJson, false);
  RequestEncoder gzip(OtlpProtocol::HttpJson, true);
  EXPECT_EQ(plain.encode(batch), json);
  EXPECT_EQ(gunzip(gzip.encode(batch)), json);
}

TEST(OtlpEncoder, RefusesARequestThatIsLargerThanOtlpAllows) {
  Span span = test::server_span(1);
  span.name.assign(64 * 1024 * 1024, 'x');
  RequestEncoder encoder(OtlpProtocol::HttpProtobuf, true);
  EXPECT_TRUE(encoder.encode(test::batch_of({span})).empty());
  EXPECT_FALSE(encoder.encode(test::batch_of_size(1)).empty());
}

/// Reads protobuf's wire format without any generated code and collects "path:wire type" of every field. Only the
/// messages named in `messages` are entered: a byte string cannot be told from a message.
void walk(std::string_view bytes, const std::string& path, const std::set<std::string>& messages,
          std::map<std::string, int>& fields) {
  const auto varint = [&bytes] {
    std::uint64_t value = 0;
    for (int shift = 0; !bytes.empty() && shift < 64; shift += 7) {
      const auto byte = static_cast<std::uint8_t>(bytes.front());
      bytes.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (!bytes.empty()) {
    const std::uint64_t tag = varint();
    const int type = static_cast<int>(tag & 7);
    const std::string field = path + (path.empty() ? "" : ".") + std::to_string(tag >> 3);
    fields[field] = type;
    std::size_t length = 0;
    switch (type) {
      case 0:
        varint();
        break;
      case 1:
        length = 8;
        break;
      case 2:
        length = varint();
        break;
      case 5:
        length = 4;
        break;
      default:
        FAIL() << "wire type " << type << " at " << field;
    }
    ASSERT_LE(length, bytes.size());
    if (type == 2 && messages.contains(field)) walk(bytes.substr(0, length), field, messages, fields);
    bytes.remove_prefix(length);
  }
}

// The numbers and wire types of opentelemetry-proto 1.11; written down here apart from otlp.proto on purpose.
TEST(OtlpEncoder, UsesTheFieldNumbersAndWireTypesOfTheProtocol) {
  const std::set<std::string> messages = {"1",     "1.1",     "1.1.1",     "1.1.1.2",  "1.2",     "1.2.1",
                                          "1.2.2", "1.2.2.9", "1.2.2.9.2", "1.2.2.13", "1.2.2.15"};
  const std::map<std::string, int> expected = {
      {"1", 2},            // resource_spans
      {"1.1", 2},          // resource
      {"1.1.1", 2},        // attributes
      {"1.1.1.1", 2},      // key
      {"1.1.1.2", 2},      // value
      {"1.1.1.2.1", 2},    // string_value
      {"1.2", 2},          // scope_spans
      {"1.2.1", 2},        // scope
      {"1.2.1.1", 2},      // name
      {"1.2.1.2", 2},      // version
      {"1.2.2", 2},        // spans
      {"1.2.2.1", 2},      // trace_id
      {"1.2.2.2", 2},      // span_id
      {"1.2.2.3", 2},      // trace_state
      {"1.2.2.4", 2},      // parent_span_id
      {"1.2.2.5", 2},      // name
      {"1.2.2.6", 0},      // kind
      {"1.2.2.7", 1},      // start_time_unix_nano, fixed64
      {"1.2.2.8", 1},      // end_time_unix_nano, fixed64
      {"1.2.2.9", 2},      // attributes
      {"1.2.2.9.1", 2},    // key
      {"1.2.2.9.2", 2},    // value
      {"1.2.2.9.2.1", 2},  // string_value
      {"1.2.2.9.2.2", 0},  // bool_value
      {"1.2.2.9.2.3", 0},  // int_value
      {"1.2.2.9.2.4", 1},  // double_value
      {"1.2.2.10", 0},     // dropped_attributes_count
      {"1.2.2.13", 2},     // links
      {"1.2.2.13.1", 2},   // trace_id
      {"1.2.2.13.2", 2},   // span_id
      {"1.2.2.13.3", 2},   // trace_state
      {"1.2.2.13.4", 2},   // attributes
      {"1.2.2.13.6", 5},   // flags, fixed32
      {"1.2.2.15", 2},     // status
      {"1.2.2.15.3", 0},   // code
      {"1.2.2.16", 5},     // flags, fixed32
      {"1.2.3", 2},        // schema_url
      {"1.3", 2},          // schema_url
  };
  OtlpEncoder encoder;
  std::map<std::string, int> fields;
  walk(encoder.encode(test::batch_of({full_span()})), "", messages, fields);
  EXPECT_EQ(fields, expected);
}

}  // namespace
}  // namespace suture
