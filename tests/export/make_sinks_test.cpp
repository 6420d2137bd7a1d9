#include "export/factory/make_sinks.h"

#include <gtest/gtest.h>

#include "export/otlp/curl_runtime.h"

namespace suture {
namespace {

TEST(MakeSinks, SendsNothingAnywhereByDefault) {
  const auto sinks = make_sinks({});
  ASSERT_TRUE(sinks) << sinks.error();
  EXPECT_TRUE(sinks.value().empty());
}

TEST(MakeSinks, PutsLocalSinksBeforeTheNetwork) {
  auto curl = CurlRuntime::start();
  ASSERT_TRUE(curl) << curl.error();
  ExportOptions options;
  options.console = ConsoleOptions{};
  options.jsonl_path = "/dev/null";
  options.otlp.emplace_back().endpoint.url = "http://127.0.0.1:1/v1/traces";
  const auto sinks = make_sinks(options);
  ASSERT_TRUE(sinks) << sinks.error();
  ASSERT_EQ(sinks.value().size(), 3u);
  EXPECT_EQ(sinks.value()[0]->name(), "console");
  EXPECT_EQ(sinks.value()[1]->name(), "jsonl");
  EXPECT_EQ(sinks.value()[2]->name(), "otlp");
}

TEST(MakeSinks, RefusesToMixTwoExportersOnStandardOutput) {
  ExportOptions options;
  options.console = ConsoleOptions{};
  options.jsonl_path = "-";
  EXPECT_FALSE(make_sinks(options));
}

TEST(MakeSinks, FailsWithTheSentenceOfTheSinkThatFailed) {
  ExportOptions options;
  options.jsonl_path = "/nonexistent/spans.jsonl";
  const auto sinks = make_sinks(options);
  ASSERT_FALSE(sinks);
  EXPECT_NE(sinks.error().find("/nonexistent/spans.jsonl"), std::string::npos) << sinks.error();
}

}  // namespace
}  // namespace suture
