#include <gtest/gtest.h>

#include "counted.h"
#include "metrics/instruments.h"

namespace suture {
namespace {

using namespace test;

TEST(Metrics, CountDurationsByTheLabelsOfTheConventions) {
  Services services;
  Metrics metrics(services, kStart);
  metrics.count(http_span(SpanKind::Server, kShop, "GET", 200, 3));
  metrics.count(http_span(SpanKind::Server, kShop, "GET", 200, 7));
  metrics.count(http_span(SpanKind::Server, kShop, "POST", 503, 20));
  metrics.count(http_span(SpanKind::Client, kShop, "GET", 200, 2));
  const MetricSnapshot snapshot = snapshot_of(metrics);
  EXPECT_EQ(series(snapshot, instruments::kServerDuration),
            "shop http.request.method=GET url.scheme=http network.protocol.version=1.1 http.response.status_code=200: 2 in 0.01 s\n"
            "shop http.request.method=POST url.scheme=http network.protocol.version=1.1 http.response.status_code=503 error.type=503: 1 in 0.02 s\n");
  EXPECT_EQ(series(snapshot, instruments::kClientDuration),
            "shop http.request.method=GET server.address=stock.local server.port=8080 network.protocol.version=1.1 http.response.status_code=200: 1 in 0.002 s\n");
}

TEST(Metrics, CountSizesOfBodiesWhereTheyAreKnownAndRoutesToo) {
  Services services;
  Metrics metrics(services, kStart);
  Span known = http_span(SpanKind::Server, kShop, "GET", 200, 1);
  known.attributes.add(AttributeKey::HttpRoute, "/a/{b}");
  known.request_body_bytes = 0;
  known.response_body_bytes = 300;
  metrics.count(known);
  known.response_body_bytes.reset();
  metrics.count(known);
  metrics.count(http_span(SpanKind::Client, kShop, "GET", 200, 2));
  const MetricSnapshot snapshot = snapshot_of(metrics);
  const std::string labels = "shop http.request.method=GET url.scheme=http network.protocol.version=1.1 http.response.status_code=200 http.route=/a/{b}";
  EXPECT_EQ(series(snapshot, instruments::kServerDuration), labels + ": 2 in 0.002 s\n");
  EXPECT_EQ(series(snapshot, instruments::kServerRequestBody), labels + ": 2 in 0 s\n");
  EXPECT_EQ(series(snapshot, instruments::kServerResponseBody), labels + ": 1 in 300 s\n");
  EXPECT_EQ(series(snapshot, instruments::kClientResponseBody), "");
}

TEST(Metrics, PutAValueIntoTheBucketWhoseUpperBoundItReaches) {
  for (const auto& [ms, bucket] : {std::pair(0, 0), std::pair(5, 0), std::pair(6, 1), std::pair(10'000, 13), std::pair(10'001, 14)})
    EXPECT_EQ(bucket_of(kSeconds, ms / 1e3), static_cast<std::size_t>(bucket)) << ms;
}

TEST(Metrics, KeepTheLastExemplarOfEachBucket) {
  Services services;
  Metrics metrics(services, kStart);
  for (std::uint8_t id = 1; id <= 3; ++id) {
    Span span = http_span(SpanKind::Server, kShop, "GET", 200, id == 3 ? 100 : 1);
    span.span_id = span_id(id);
    metrics.count(span);
    metrics.exemplify(span);
  }
  metrics.count(http_span(SpanKind::Server, kShop, "GET", 200, 1));  // counted, and not exported
  const MetricSnapshot snapshot = snapshot_of(metrics);
  const auto& value = std::get<HistogramPoint>(snapshot.groups.front().families.front().points.front().value);
  ASSERT_EQ(value.exemplars.size(), 2u);
  EXPECT_EQ(value.exemplars[0].span_id, span_id(2));
  EXPECT_EQ(value.exemplars[0].value, 0.001);
  EXPECT_EQ(value.exemplars[1].span_id, span_id(3));
  EXPECT_EQ(value.histogram.count(), 4u);
}

TEST(Metrics, CountInOneSeriesThatSaysSoWhatHasNoRoom) {
  Services services;
  Metrics::Limits limits;
  limits.series_per_instrument = 2;
  Metrics metrics(services, kStart, limits);
  for (const std::int64_t status : {200, 201, 202, 203, 200}) metrics.count(http_span(SpanKind::Server, kShop, "GET", status, 1));
  EXPECT_EQ(series(snapshot_of(metrics), instruments::kServerDuration),
            "shop http.request.method=GET url.scheme=http network.protocol.version=1.1 http.response.status_code=200: 2 in 0.002 s\n"
            "shop http.request.method=GET url.scheme=http network.protocol.version=1.1 http.response.status_code=201: 1 in 0.001 s\n"
            "shop otel.metric.overflow=1: 2 in 0.002 s\n");
}

TEST(Metrics, ShareTheRoomForSeriesAndForServices) {
  Services services;
  Metrics::Limits limits;
  limits.series = 3;
  limits.services = 2;
  Metrics metrics(services, kStart, limits);
  // Each takes a series and an edge.
  for (std::uint32_t tgid = 1; tgid <= 3; ++tgid) metrics.count(http_span(SpanKind::Server, {tgid, 1}, "GET", 200, 1));
  EXPECT_EQ(series(snapshot_of(metrics), instruments::kServerDuration),
            "otel.metric.overflow=1: 1 in 0.001 s\n"
            "service-1 http.request.method=GET url.scheme=http network.protocol.version=1.1 http.response.status_code=200: 1 in 0.001 s\n"
            "service-2 http.request.method=GET url.scheme=http network.protocol.version=1.1 http.response.status_code=200: 1 in 0.001 s\n");
}

TEST(Metrics, ForgetAServiceSomeTimeAfterItsLastProcess) {
  Services services;
  Metrics::Limits limits;
  limits.keep_ended_ns = 10'000'000'000;
  Metrics metrics(services, kStart, limits);
  metrics.count(http_span(SpanKind::Server, kShop, "GET", 200, 1));
  metrics.count(http_span(SpanKind::Server, kStock, "GET", 200, 1));
  metrics.on_process_over(kShop);
  services.over = kShop;
  metrics.tick(5'000'000'000);
  metrics.count(http_span(SpanKind::Server, kShop, "GET", 200, 1));  // it had waited; its process does not live again
  metrics.tick(14'000'000'000);
  EXPECT_EQ(metrics.services(), 2u);
  metrics.tick(16'000'000'000);
  EXPECT_EQ(metrics.services(), 1u);
  EXPECT_TRUE(series(snapshot_of(metrics), instruments::kServerDuration).starts_with("stock "));
}

TEST(Metrics, BeginAnewForAServiceThatComesBack) {
  Services services;
  Metrics::Limits limits;
  limits.keep_ended_ns = 0;
  Metrics metrics(services, kStart - 1, limits);
  metrics.count(http_span(SpanKind::Server, kShop, "GET", 200, 1));
  metrics.on_process_over(kShop);
  metrics.tick(2'000'000'000);
  ASSERT_EQ(metrics.services(), 0u);
  Span later = http_span(SpanKind::Server, kShop, "GET", 200, 1);
  later.start_unix_ns += 5;
  metrics.count(later);
  EXPECT_EQ(snapshot_of(metrics).groups.front().families.front().points.front().start_unix_ns, kStart + 5);
}

TEST(Metrics, TellOfRequestsThatAreActiveNow) {
  Services services;
  Metrics metrics(services, kStart);
  Span open = http_span(SpanKind::Server, kShop, "GET", 200, 0);
  metrics.begin_observing();
  metrics.observe_active(open);
  metrics.observe_active(open);
  EXPECT_EQ(series(snapshot_of(metrics), instruments::kServerActive), "shop http.request.method=GET url.scheme=http: 2\n");
  metrics.begin_observing();
  EXPECT_EQ(series(snapshot_of(metrics), instruments::kServerActive), "shop http.request.method=GET url.scheme=http: 0\n");
}

TEST(Metrics, LeaveOutWhatIsNotHttp) {
  Services services;
  Metrics metrics(services, kStart);
  Span span;
  span.kind = SpanKind::Client;
  span.process = kShop;
  metrics.count(span);
  metrics.exemplify(span);
  EXPECT_EQ(snapshot_of(metrics).points(), 0u);
}

}  // namespace
}  // namespace suture
