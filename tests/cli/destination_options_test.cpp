#include "destination_options.h"

#include <gtest/gtest.h>

#include <map>

namespace suture {
namespace {

using Variables = std::map<std::string, std::string>;

struct Outcome {
  std::vector<std::string> lines;  // "NAME URL"
  std::string error;
  Warnings warnings;
};

Outcome destinations(const std::vector<std::string>& words, const Variables& variables = {}) {
  CLI::App app;
  DestinationArguments arguments;
  add_destination_options(app, arguments);
  add_spill_options(app, arguments);
  app.parse(std::vector<std::string>(words.rbegin(), words.rend()));  // CLI11 wants them from the last to the first
  const auto lookup = [&](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  };
  Outcome outcome;
  Result<std::vector<BackendOptions>> result = destinations_of(arguments, lookup, outcome.warnings);
  if (!result) outcome.error = result.error();
  else
    for (const BackendOptions& each : result.value()) outcome.lines.push_back(each.name + " " + each.endpoint.url);
  return outcome;
}

using Lines = std::vector<std::string>;

TEST(DestinationOptions, MixAddressesAndNamesAndNumberNamesakes) {
  EXPECT_EQ(destinations({"--to", "zipkin", "--otlp", "http://a", "--to", "jaeger=http://b,jaeger", "--to", "otlp=http://c"}).lines,
            (Lines{"otlp-1 http://a/v1/traces", "zipkin http://127.0.0.1:9411/api/v2/spans", "jaeger-1 http://b/v1/traces",
                   "jaeger-2 http://127.0.0.1:4318/v1/traces", "otlp-2 http://c/v1/traces"}));
  EXPECT_EQ(destinations({"--otlp", "http://a"}).lines, Lines{"otlp http://a/v1/traces"});
}

TEST(DestinationOptions, LetTheVariablesSpeakWhereNoOptionDoes) {
  const Variables variables = {{"OTEL_TRACES_EXPORTER", "zipkin,otlp"}, {"OTEL_EXPORTER_ZIPKIN_ENDPOINT", "http://z:1/spans"}};
  EXPECT_EQ(destinations({}).lines, Lines{});
  EXPECT_EQ(destinations({}, variables).lines, (Lines{"otlp http://localhost:4318/v1/traces", "zipkin http://z:1/spans"}));
  EXPECT_EQ(destinations({"--to", "tempo"}, variables).lines, Lines{"tempo http://127.0.0.1:4318/v1/traces"});
  EXPECT_EQ(destinations({}, {{"OTEL_EXPORTER_ZIPKIN_ENDPOINT", "http://z"}}).lines, Lines{}) << "the exporter is chosen by its name";
}

TEST(DestinationOptions, SayAMistakeAndAWarningOnce) {
  EXPECT_NE(destinations({"--to", "tempo", "--to", "nowhere", "--to", "neither"}).error.find("nowhere"), std::string::npos);
  EXPECT_EQ(destinations({"--to", "tempo", "--otlp", "http://a"}, {{"OTEL_EXPORTER_OTLP_TIMEOUT", "soon"}}).warnings.size(), 1u);
  EXPECT_EQ(destinations({}, {{"OTEL_TRACES_EXPORTER", "pigeon"}}).warnings.size(), 1u);
}

TEST(DestinationOptions, RefuseAKeyFileThatNobodyReads) {
  EXPECT_NE(destinations({"--to", "tempo", "--api-key-file", "datadog=/key"}).error.find("--api-key-file datadog"), std::string::npos);
  EXPECT_NE(destinations({"--otlp", "http://a", "--api-key-file", "otlp=/key"}).error.find("--api-key-file otlp"), std::string::npos);
  EXPECT_NE(destinations({"--to", "datadog@eu", "--api-key-file", "datadog=/nonexistent"}).error.find("/nonexistent"), std::string::npos);
}

}  // namespace
}  // namespace suture
