#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "export/otlp/metrics_encoder.h"
#include "export/otlp/metrics_json.h"
#include "export/otlp/metrics_options.h"
#include "export/otlp/options.h"
#include "export/otlp/otlp.pb.h"
#include "metrics_sample.h"

namespace suture {
namespace {

namespace pb = otlp::v1;
using test::kStart;

pb::ExportMetricsServiceRequest encoded(const MetricSnapshot& snapshot, std::int64_t since_unix_ns, Temporality temporality = Temporality::Cumulative) {
  MetricsEncoder encoder(OtlpProtocol::HttpProtobuf, false);
  pb::ExportMetricsServiceRequest request;
  EXPECT_TRUE(request.ParseFromString(std::string(encoder.encode(snapshot, since_unix_ns, TemporalityRecast(temporality)))));
  return request;
}

const pb::Metric& metric(const pb::ExportMetricsServiceRequest& request, std::string_view name) {
  for (const auto& group : request.resource_metrics())
    for (const auto& found : group.scope_metrics(0).metrics())
      if (found.name() == name) return found;
  ADD_FAILURE() << name;
  static const pb::Metric none;
  return none;
}

TEST(OtlpMetrics, WritesEveryKindOfPointUnderItsResource) {
  const auto request = encoded(test::metrics_sample(), 0);
  ASSERT_EQ(request.resource_metrics_size(), 2);
  EXPECT_EQ(request.resource_metrics(1).resource().attributes(0).value().string_value(), "shop");
  EXPECT_EQ(request.resource_metrics(1).schema_url(), "https://opentelemetry.io/schemas/1.44.0");
  EXPECT_EQ(request.resource_metrics(1).scope_metrics(0).scope().name(), "suture");

  const pb::Metric& dropped = metric(request, "suture.events.dropped");
  EXPECT_EQ(dropped.unit(), "{event}");
  EXPECT_TRUE(dropped.sum().is_monotonic());
  EXPECT_EQ(dropped.sum().aggregation_temporality(), pb::CUMULATIVE);
  EXPECT_EQ(dropped.sum().data_points(0).as_int(), 3);
  EXPECT_EQ(dropped.sum().data_points(0).start_time_unix_nano(), static_cast<std::uint64_t>(kStart));
  EXPECT_EQ(dropped.sum().data_points(0).time_unix_nano(), static_cast<std::uint64_t>(kStart + 10'000'000));
  EXPECT_EQ(dropped.sum().data_points(0).attributes(0).value().string_value(), "ring_full");
  EXPECT_FALSE(metric(request, "http.server.active_requests").sum().is_monotonic());
  EXPECT_EQ(metric(request, "process.cpu.time").sum().data_points(0).as_double(), 1.5);
  EXPECT_EQ(metric(request, "suture.link.precision").gauge().data_points(0).as_double(), 0.99);

  const pb::Metric& duration = metric(request, "http.server.request.duration");
  EXPECT_EQ(duration.unit(), "s");
  const auto& point = duration.histogram().data_points(0);
  EXPECT_EQ(point.count(), 4u);
  EXPECT_DOUBLE_EQ(point.sum(), 20.805);
  ASSERT_EQ(point.bucket_counts_size(), 15);
  EXPECT_EQ(point.bucket_counts(0), 2u);
  EXPECT_EQ(point.bucket_counts(9), 1u);
  EXPECT_EQ(point.bucket_counts(14), 1u);
  ASSERT_EQ(point.explicit_bounds_size(), 14);
  EXPECT_EQ(point.explicit_bounds(9), 1);
  EXPECT_EQ(point.attributes(1).value().int_value(), 200);
  ASSERT_EQ(point.exemplars_size(), 2);
  EXPECT_EQ(point.exemplars(0).as_double(), 0.003);
  EXPECT_EQ(point.exemplars(0).trace_id().back(), '\x01');
  EXPECT_EQ(point.exemplars(0).span_id().size(), 8u);
  EXPECT_TRUE(duration.histogram().data_points(1).attributes(0).value().bool_value());
}

TEST(OtlpMetrics, SendsAnExemplarOnce) {
  EXPECT_EQ(metric(encoded(test::metrics_sample(), kStart + 6'000'000), "http.server.request.duration").histogram().data_points(0).exemplars_size(), 1);
}

TEST(OtlpMetrics, SaysTheSameInJson) {
  const nlohmann::json json = nlohmann::json::parse(metrics_json(test::metrics_sample(), 0, TemporalityRecast(Temporality::Cumulative)));
  const auto& metrics = json["resourceMetrics"][1]["scopeMetrics"][0]["metrics"];
  EXPECT_EQ(json["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][0]["sum"].dump(),
            R"({"aggregationTemporality":2,"dataPoints":[{"asInt":"3","attributes":[{"key":"suture.reason","value":{"stringValue":"ring_full"}}],)"
            R"("startTimeUnixNano":"1700000000000000000","timeUnixNano":"1700000000010000000"}],"isMonotonic":true})");
  EXPECT_EQ(metrics[0]["unit"], "s");
  const auto& point = metrics[0]["histogram"]["dataPoints"][0];
  EXPECT_EQ(point["count"], "4");
  EXPECT_EQ(point["bucketCounts"][0], "2");
  EXPECT_EQ(point["explicitBounds"][0], 0.005);
  EXPECT_EQ(point["exemplars"][0].dump(),
            R"({"asDouble":0.003,"spanId":"00f067aa0ba90201","timeUnixNano":"1700000000005000000","traceId":"4bf92f3577b34da6a3ce929d0e0e4701"})");
  EXPECT_EQ(metrics[2]["gauge"]["dataPoints"][0]["asDouble"], 0.99);
}

TEST(OtlpMetrics, TellsDifferencesWhereTheyArePreferred) {
  TemporalityRecast recast(Temporality::Delta);
  MetricSnapshot first = test::metrics_sample();
  EXPECT_EQ(recast.apply(first), 0);
  EXPECT_EQ(first.points(), 6u);  // all but the empty histogram
  MetricSnapshot second = test::metrics_sample();
  second.unix_ns += 1'000;
  std::get<std::int64_t>(second.groups[0].family(instruments::kEventsDropped).points[0].value) += 2;
  EXPECT_EQ(recast.apply(second), kStart + 10'000'000);
  const auto request = encoded(second, 0, Temporality::Delta);
  const auto& dropped = metric(request, "suture.events.dropped").sum();
  EXPECT_EQ(dropped.aggregation_temporality(), pb::DELTA);
  EXPECT_EQ(dropped.data_points(0).as_int(), 2);
  EXPECT_EQ(dropped.data_points(0).start_time_unix_nano(), static_cast<std::uint64_t>(kStart + 10'000'000));
  EXPECT_EQ(metric(request, "process.memory.usage").sum().aggregation_temporality(), pb::CUMULATIVE);
  EXPECT_EQ(second.points(), 4u);  // what has not changed is not told

  MetricSnapshot anew = test::metrics_sample();  // the service ended and came back
  anew.groups[1].family(instruments::kServerDuration).points[0].start_unix_ns += 5;
  recast.apply(anew);
  EXPECT_EQ(metric(encoded(anew, 0, Temporality::Delta), "http.server.request.duration").histogram().data_points(0).count(), 4u);
}

TEST(OtlpMetrics, PrefersDifferencesOfWhatIsAddedUpToSaveMemory) {
  const TemporalityRecast recast(Temporality::LowMemory);
  EXPECT_TRUE(recast.is_delta(instruments::kServerDuration));
  EXPECT_FALSE(recast.is_delta(instruments::kEventsDropped));
  EXPECT_FALSE(TemporalityRecast(Temporality::Delta).is_delta(instruments::kServerActive));
}

EnvironmentLookup of(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  };
}

TEST(OtlpMetrics, GoWhereTheirVariablesSay) {
  const struct {
    std::map<std::string, std::string> variables;
    const char* flag;
    const char* url;
  } cases[] = {
      {{}, "", ""},
      {{{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318/base"}}, "", "http://c:4318/base/v1/metrics"},
      {{{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"}, {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://m:1/x"}}, "", "http://m:1/x"},
      {{{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"}, {"OTEL_METRICS_EXPORTER", "none"}}, "", ""},
      {{{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c:4318/t"}}, "", ""},
      {{{"OTEL_METRICS_EXPORTER", "otlp"}}, "", "http://localhost:4318/v1/metrics"},
      {{{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4317"}, {"OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "grpc"}},
       "",
       "http://c:4317/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"},
      {{}, "http://c:4318", "http://c:4318/v1/metrics"},
      {{}, "http://c:4318/in/v1/traces?k=1", "http://c:4318/in/v1/metrics?k=1"},
  };
  for (const auto& test_case : cases) {
    Result<BackendOptions> options = otlp_options_from(of(test_case.variables), test_case.flag, OtlpProtocol::HttpProtobuf, OtlpSignal::Metrics);
    ASSERT_TRUE(options) << options.error();
    EXPECT_EQ(options->endpoint.url, test_case.url);
  }
}

TEST(OtlpMetrics, ReadsItsVariables) {
  Warnings warnings;
  const MetricsVariables usual = metrics_variables_from(of({}), warnings);
  EXPECT_EQ(usual.interval.count(), 60'000);
  EXPECT_EQ(usual.temporality, std::nullopt);
  EXPECT_EQ(usual.prometheus, "127.0.0.1:9464");
  const MetricsVariables set = metrics_variables_from(
      of({{"OTEL_METRIC_EXPORT_INTERVAL", "5000"}, {"OTEL_METRIC_EXPORT_TIMEOUT", "700"}, {"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "LowMemory"},
          {"OTEL_EXPORTER_PROMETHEUS_HOST", "::1"}, {"OTEL_EXPORTER_PROMETHEUS_PORT", "9000"}}),
      warnings);
  EXPECT_EQ(set.interval.count(), 5'000);
  EXPECT_EQ(set.longest_age->count(), 700);
  EXPECT_EQ(set.temporality, Temporality::LowMemory);
  EXPECT_EQ(set.prometheus, "[::1]:9000");
  EXPECT_TRUE(warnings.empty());
  EXPECT_EQ(metrics_variables_from(of({{"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "gamma"}}), warnings).temporality, std::nullopt);
  EXPECT_EQ(warnings.size(), 1u);
}

}  // namespace
}  // namespace suture
