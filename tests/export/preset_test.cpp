#include "export/otlp/preset.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <map>

#include "export/otlp/preset_table.h"

namespace suture {
namespace {

using Variables = std::map<std::string, std::string>;

Result<BackendOptions> preset(std::string_view to, const Variables& variables = {}, const std::vector<std::string>& key_files = {},
                              OtlpSignal signal = OtlpSignal::Traces) {
  return preset_options_from(
      [&](const char* name) -> const char* {
        const auto found = variables.find(name);
        return found == variables.end() ? nullptr : found->second.c_str();
      },
      to, key_files, signal);
}

/// A file in the test's own directory, for as long as this lives.
struct KeyFile {
  explicit KeyFile(const std::string& content) : path(::testing::TempDir() + "suture-key-" + ::testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::ofstream(path) << content;
  }
  ~KeyFile() { std::remove(path.c_str()); }
  const std::string path;
};

const Variables kKeys = {{"DD_API_KEY", "secret"},      {"NEW_RELIC_LICENSE_KEY", "secret"}, {"HONEYCOMB_API_KEY", "secret"},
                         {"LS_ACCESS_TOKEN", "secret"}, {"GRAFANA_CLOUD_API_KEY", "secret"}, {"GRAFANA_CLOUD_INSTANCE_ID", "12345"}};

TEST(Preset, SendsToWhereEachBackendTakesSpans) {
  const std::string method = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
  struct Case {
    const char* to;
    std::string url;
    OtlpProtocol protocol = OtlpProtocol::HttpProtobuf;
    HttpHeaders headers = {};
  };
  const Case cases[] = {
      {"jaeger", "http://127.0.0.1:4318/v1/traces"},
      {"jaeger=jaeger.corp:4318", "http://jaeger.corp:4318/v1/traces"},
      {"jaeger=grpc://jaeger.corp", "http://jaeger.corp:4317" + method, OtlpProtocol::Grpc},
      {"collector", "http://127.0.0.1:4318/v1/traces"},
      {"tempo", "http://127.0.0.1:4318/v1/traces"},
      {"zipkin", "http://127.0.0.1:9411/api/v2/spans", OtlpProtocol::ZipkinJson},
      {"zipkin=https://z/", "https://z/api/v2/spans", OtlpProtocol::ZipkinJson},
      {"zipkin=http://z:1/api/v2/spans", "http://z:1/api/v2/spans", OtlpProtocol::ZipkinJson},
      {"datadog", "https://otlp.datadoghq.com/v1/traces", OtlpProtocol::HttpProtobuf, {{"dd-api-key", "secret"}, {"compute_stats", "true"}}},
      {"datadog@eu", "https://otlp.datadoghq.eu/v1/traces", OtlpProtocol::HttpProtobuf, {{"dd-api-key", "secret"}, {"compute_stats", "true"}}},
      {"newrelic", "https://otlp.nr-data.net/v1/traces", OtlpProtocol::HttpProtobuf, {{"api-key", "secret"}}},
      {"newrelic@eu", "https://otlp.eu01.nr-data.net/v1/traces", OtlpProtocol::HttpProtobuf, {{"api-key", "secret"}}},
      {"honeycomb", "https://api.honeycomb.io/v1/traces", OtlpProtocol::HttpProtobuf, {{"x-honeycomb-team", "secret"}}},
      {"honeycomb=http://refinery:8080", "http://refinery:8080/v1/traces", OtlpProtocol::HttpProtobuf, {{"x-honeycomb-team", "secret"}}},
      {"lightstep", "https://ingest.lightstep.com:443" + method, OtlpProtocol::Grpc, {{"lightstep-access-token", "secret"}}},
      // 12345:secret
      {"grafana-cloud@prod-eu-west-2", "https://otlp-gateway-prod-eu-west-2.grafana.net/otlp/v1/traces", OtlpProtocol::HttpProtobuf,
       {{"authorization", "Basic MTIzNDU6c2VjcmV0"}}},
      {"otlp=https://intake.example/v1/traces", "https://intake.example/v1/traces"},
  };
  for (const Case& test_case : cases) {
    const auto options = preset(test_case.to, kKeys);
    ASSERT_TRUE(options) << options.error();
    EXPECT_EQ(options.value().endpoint.url, test_case.url);
    EXPECT_EQ(options.value().protocol, test_case.protocol) << test_case.to;
    EXPECT_EQ(options.value().headers, test_case.headers) << test_case.to;
    EXPECT_TRUE(std::string_view(test_case.to).starts_with(options.value().name)) << test_case.to;
  }
}

TEST(Preset, EveryRowOfTheTableCanBeUsed) {
  for (const Place& place : kPlaces) {
    const std::string to = std::string(place.preset) + (place.region.empty() ? "" : "@" + std::string(place.region));
    const auto options = preset(to, kKeys);
    EXPECT_TRUE(options) << options.error();
  }
  for (const Preset& row : kPresets) EXPECT_TRUE(preset(std::string(row.name) + "=https://here", kKeys)) << row.name;
}

TEST(Preset, SendsMetricsWithTheSameKeyToWhereTheBackendTakesThem) {
  struct Case {
    const char* to;
    std::string url;  // "": takes none
    HttpHeaders headers = {};
    Temporality temporality = Temporality::Cumulative;
  };
  const Case cases[] = {
      {"jaeger", ""},
      {"tempo=http://t:4318", ""},
      {"zipkin", ""},
      {"collector", "http://127.0.0.1:4318/v1/metrics"},
      {"datadog@eu", "https://otlp.datadoghq.eu/v1/metrics", {{"dd-api-key", "secret"}}, Temporality::Delta},
      {"newrelic", "https://otlp.nr-data.net/v1/metrics", {{"api-key", "secret"}}, Temporality::Delta},
      {"honeycomb@eu", "https://api.eu1.honeycomb.io/v1/metrics", {{"x-honeycomb-team", "secret"}}},
      {"lightstep", "https://ingest.lightstep.com:443/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", {{"lightstep-access-token", "secret"}}},
      {"grafana-cloud@prod-eu-west-2", "https://otlp-gateway-prod-eu-west-2.grafana.net/otlp/v1/metrics", {{"authorization", "Basic MTIzNDU6c2VjcmV0"}}},
      {"otlp=https://intake.example/v1/traces", "https://intake.example/v1/metrics"},
  };
  for (const Case& test_case : cases) {
    auto options = preset(test_case.to, kKeys, {}, OtlpSignal::Metrics);
    ASSERT_TRUE(options) << options.error();
    EXPECT_EQ(options->enabled(), !test_case.url.empty()) << test_case.to;
    EXPECT_EQ(options->endpoint.url, test_case.url);
    EXPECT_EQ(options->headers, test_case.headers) << test_case.to;
    EXPECT_EQ(options->temporality, test_case.temporality) << test_case.to;
    EXPECT_EQ(options->signal, OtlpSignal::Metrics) << test_case.to;
  }
}

TEST(Preset, LooksForTheRegionWhereTheVendorsOwnToolsDo) {
  Variables variables = kKeys;
  variables["DD_SITE"] = "us5.datadoghq.com";
  EXPECT_EQ(preset("datadog", variables)->endpoint.url, "https://otlp.us5.datadoghq.com/v1/traces");
  EXPECT_EQ(preset("datadog@us3", variables)->endpoint.url, "https://otlp.us3.datadoghq.com/v1/traces");
  EXPECT_EQ(preset("zipkin", {{"OTEL_EXPORTER_ZIPKIN_ENDPOINT", "http://z:1/own/path"}})->endpoint.url, "http://z:1/own/path");
  EXPECT_EQ(preset("zipkin", {{"OTEL_EXPORTER_ZIPKIN_TIMEOUT", "1500"}, {"OTEL_EXPORTER_OTLP_TIMEOUT", "1"}})->timeout.count(), 1500);
}

TEST(Preset, SaysWhatIsMissingAndWhereToPutIt) {
  struct Case {
    const char* to;
    Variables variables;
    std::vector<std::string> words;
  };
  const Case cases[] = {
      {"datadog", {}, {"DD_API_KEY", "--api-key-file datadog=FILE"}},
      {"newrelic@eu", {}, {"NEW_RELIC_LICENSE_KEY"}},
      {"grafana-cloud@prod-eu-west-2", {{"GRAFANA_CLOUD_API_KEY", "secret"}}, {"GRAFANA_CLOUD_INSTANCE_ID"}},
      {"grafana-cloud", kKeys, {"zone", "@prod-eu-west-2"}},
      {"grafana-cloud@evil.example/", kKeys, {"zone"}},
      {"honeycomb@mars", kKeys, {"'mars'", "us, eu"}},
      {"otlp", {}, {"--to otlp=URL"}},
      {"jeager", {}, {"jeager", "jaeger, collector"}},
      {"honeycomb@eu=http://h", kKeys, {"exclude each other"}},
      {"honeycomb=ftp://h", kKeys, {"Write http://HOST:4318"}},
      {"zipkin=grpc://h", {}, {"--to zipkin", "http://HOST:9411"}},
      {"honeycomb", {{"HONEYCOMB_API_KEY", "se\r\ncret"}}, {"one line"}},
  };
  for (const Case& test_case : cases) {
    const auto options = preset(test_case.to, test_case.variables);
    ASSERT_FALSE(options) << test_case.to;
    for (const std::string& word : test_case.words) EXPECT_NE(options.error().find(word), std::string::npos) << options.error();
    EXPECT_EQ(options.error().find("cret"), std::string::npos) << options.error();
  }
}

TEST(Preset, TakesTheKeyFromAFileBeforeTheVariable) {
  const KeyFile file("from-file\n");
  const auto options = preset("honeycomb", kKeys, {"datadog=/nonexistent", "honeycomb=" + file.path});
  ASSERT_TRUE(options) << options.error();
  EXPECT_EQ(options.value().headers, (HttpHeaders{{"x-honeycomb-team", "from-file"}}));

  const auto missing = preset("datadog", kKeys, {"datadog=/nonexistent"});
  ASSERT_FALSE(missing) << "a key that was to come from a file is not taken from elsewhere";
  EXPECT_NE(missing.error().find("/nonexistent"), std::string::npos);
  EXPECT_FALSE(preset("datadog", kKeys, {file.path})) << "whose key it holds is not said";
}

TEST(Preset, GivesAHeaderToNobodyElse) {
  const Variables variables = {{"OTEL_EXPORTER_OTLP_HEADERS", "x-token=secret"}, {"OTEL_EXPORTER_OTLP_CERTIFICATE", "ca.pem"}, {"HONEYCOMB_API_KEY", "k"}};
  EXPECT_EQ(preset("otlp=http://h", variables)->headers, (HttpHeaders{{"x-token", "secret"}}));
  EXPECT_EQ(preset("honeycomb", variables)->headers.size(), 1u);
  for (const char* to : {"jaeger", "collector", "tempo", "zipkin"}) EXPECT_TRUE(preset(to, variables)->headers.empty()) << to;
  EXPECT_EQ(preset("collector", variables)->tls.ca, "ca.pem");
  EXPECT_EQ(preset("honeycomb", variables)->tls.ca, "") << "a vendor's certificate is not signed by one's own authority";

  const KeyFile file("X-Scope-OrgID=42,authorization=Bearer%20own");
  EXPECT_EQ(preset("tempo", variables, {"tempo=" + file.path})->headers, (HttpHeaders{{"X-Scope-OrgID", "42"}, {"authorization", "Bearer own"}}));
  EXPECT_EQ(preset("otlp=http://h", variables, {"otlp=" + file.path})->headers.size(), 2u);
}

TEST(Preset, IsDescribedWithoutItsKey) {
  const auto options = preset("datadog=https://user:secret@host?key=secret", kKeys);
  ASSERT_TRUE(options) << options.error();
  EXPECT_EQ(options.value().description(), "datadog: https://host/v1/traces\n  protocol http/protobuf, gzip\n  header dd-api-key: ***\n  header compute_stats: ***\n");
}

}  // namespace
}  // namespace suture
