#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "export/jsonl/jsonl_sink.h"
#include "export/otlp_json.h"
#include "sample.h"

namespace suture {
namespace {

using std::chrono::milliseconds;

// The rules of the OTLP file format: hex ids, integer enums, 64-bit integers as text, lowerCamelCase names.
TEST(OtlpJson, WritesOneTracesDataPerLine) {
  Span root = test::server_span(1);
  Span child = test::server_span(2);
  child.kind = SpanKind::Client;
  child.parent_id = test::span_id(1);
  child.status = SpanStatus::Error;
  child.trace_state = "a=1";
  child.attributes = AttributeList();
  child.attributes.add(AttributeKey::SutureLinkConfidence, 0.5);
  child.attributes.add(AttributeKey::SutureHeadTruncated, true);
  child.links.push_back({.trace_id = test::trace_id(9), .span_id = test::span_id(9), .trace_state = "", .flags = 1, .method = "late"});
  Batch batch = test::batch_of({root, child});
  batch.groups[0].resource.attributes.push_back({"process.pid", std::int64_t{42}});
  batch.groups.push_back({});  // a process without spans leaves nothing

  const std::string expected =
      R"({"resourceSpans":[{"resource":{"attributes":[)"
      R"({"key":"service.name","value":{"stringValue":"shop"}},)"
      R"({"key":"process.pid","value":{"intValue":"42"}},)"
      R"({"key":"telemetry.sdk.name","value":{"stringValue":"suture"}},)"
      R"({"key":"telemetry.sdk.language","value":{"stringValue":"cpp"}},)"
      R"({"key":"telemetry.sdk.version","value":{"stringValue":")" SUTURE_VERSION R"("}}]},)"
      R"("scopeSpans":[{"scope":{"name":"suture","version":")" SUTURE_VERSION R"("},"spans":[)"
      R"({"traceId":"4bf92f3577b34da6a3ce929d0e0e4701","spanId":"00f067aa0ba90201","flags":257,"name":"GET","kind":2,)"
      R"("startTimeUnixNano":"1700000000000000000","endTimeUnixNano":"1700000000002000000","attributes":[)"
      R"({"key":"url.path","value":{"stringValue":"/hello"}},)"
      R"({"key":"http.response.status_code","value":{"intValue":"200"}}]},)"
      R"({"traceId":"4bf92f3577b34da6a3ce929d0e0e4701","spanId":"00f067aa0ba90202","traceState":"a=1",)"
      R"("parentSpanId":"00f067aa0ba90201","flags":257,"name":"GET","kind":3,)"
      R"("startTimeUnixNano":"1700000000000000000","endTimeUnixNano":"1700000000002000000","attributes":[)"
      R"({"key":"suture.link.confidence","value":{"doubleValue":0.5}},)"
      R"({"key":"suture.head.truncated","value":{"boolValue":true}}],)"
      R"("links":[{"traceId":"4bf92f3577b34da6a3ce929d0e0e4709","spanId":"00f067aa0ba90209","flags":1,)"
      R"("attributes":[{"key":"suture.link.method","value":{"stringValue":"late"}}]}],)"
      R"("status":{"code":2}}],)"
      R"("schemaUrl":"https://opentelemetry.io/schemas/1.44.0"}],)"
      R"("schemaUrl":"https://opentelemetry.io/schemas/1.44.0"}]})"
      "\n";
  std::string line;
  append_otlp_json(line, batch);
  line.push_back('\n');
  EXPECT_EQ(line, expected);
}

class JsonlSinkTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "suture-jsonl-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory = name;
  }
  void TearDown() override { std::filesystem::remove_all(directory); }
  std::filesystem::path directory;
};

TEST_F(JsonlSinkTest, AppendsALinePerBatch) {
  const std::string path = (directory / "spans.jsonl").string();
  std::string expected = "kept\n";
  std::ofstream(path) << expected;
  auto sink = JsonlSink::open(path);
  ASSERT_TRUE(sink) << sink.error();
  for (std::size_t count : {1u, 3u}) {
    (*sink)->send(test::batch_of_size(count));
    append_otlp_json(expected, test::batch_of_size(count));
    expected.push_back('\n');
  }
  (*sink)->flush(milliseconds{10'000});

  std::ifstream file(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), expected);
  EXPECT_EQ((*sink)->ledger().queued, 4u);
  EXPECT_EQ((*sink)->ledger().accepted, 4u);
  EXPECT_EQ((*sink)->ledger().waiting, 0u);
}

TEST_F(JsonlSinkTest, CountsWhatCannotBeWritten) {
  auto sink = JsonlSink::open("/dev/full");
  ASSERT_TRUE(sink) << sink.error();
  (*sink)->send(test::batch_of_size(3));
  (*sink)->flush(milliseconds{10'000});
  EXPECT_EQ((*sink)->ledger().dropped_write, 3u);
  EXPECT_EQ((*sink)->ledger().waiting, 0u);
}

TEST_F(JsonlSinkTest, SpoilsOnlyTheLineThatADiskTore) {
  const std::string path = (directory / "spans.jsonl").string();
  auto sink = JsonlSink::open(path);
  ASSERT_TRUE(sink) << sink.error();
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit full_disk{.rlim_cur = 100, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &full_disk), 0);
  (*sink)->send(test::batch_of_size(2));
  const bool dropped = test::wait_until([&] { return (*sink)->ledger().dropped_write == 2; });
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_TRUE(dropped);
  (*sink)->send(test::batch_of_size(1));
  (*sink)->flush(milliseconds{10'000});

  std::string torn;
  append_otlp_json(torn, test::batch_of_size(2));
  torn.push_back('\n');
  std::string whole;
  append_otlp_json(whole, test::batch_of_size(1));
  whole.push_back('\n');
  std::ifstream file(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), torn.substr(0, 100) + "\n" + whole);
  EXPECT_EQ((*sink)->ledger().accepted, 1u);
}

TEST_F(JsonlSinkTest, SaysWhatCannotBeOpened) {
  const auto sink = JsonlSink::open((directory / "no" / "dir").string());
  ASSERT_FALSE(sink);
  EXPECT_EQ(sink.error().rfind("jsonl: cannot open ", 0), 0u) << sink.error();
}

}  // namespace
}  // namespace suture
