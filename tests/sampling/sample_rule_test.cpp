#include "sampling/sample_rule.h"

#include <gtest/gtest.h>

#include "sample.h"
#include "sampling/route.h"
#include "trace/span_naming.h"

namespace suture::test {
namespace {

TEST(SampleRule, IsReadInAnyOrder) {
  for (const char* text : {"service=orders route=/static/* 10%", " 10%  route=/static/* service=orders ", "10% service=orders route=/static/*"}) {
    const auto rule = parse_sample_rule(text);
    ASSERT_TRUE(rule) << text;
    EXPECT_EQ(rule.value().service, "orders");
    EXPECT_EQ(rule.value().route, "/static/*");
    EXPECT_EQ(rule.value().threshold, threshold_of(0.1));
  }
  const auto all = parse_sample_rule("0.5%");
  ASSERT_TRUE(all);
  EXPECT_EQ(all.value().threshold, threshold_of(0.005));
}

TEST(SampleRule, FitsWhatItsGlobsMatch) {
  const Span span = entry_span(1, "/static/logo.png");
  const auto fits = [&](const char* text) { return parse_sample_rule(text).value().fits(span, "shop"); };
  EXPECT_TRUE(fits("1%"));
  EXPECT_TRUE(fits("service=sh* 1%"));
  EXPECT_TRUE(fits("service=shop route=/static/* 1%"));
  EXPECT_FALSE(fits("service=orders 1%"));
  EXPECT_FALSE(fits("service=shop route=/static 1%"));
}

TEST(SampleRule, SaysWhatIsWrongWithIt) {
  for (const char* text : {"", "service=orders", "service=orders 101%", "service=orders -1%", "service= 1%", "1% 2%", "host=a 1%", "service=a service=b 1%", "10", "%"})
    EXPECT_FALSE(parse_sample_rule(text)) << text;
  EXPECT_EQ(parse_sample_rule("service=orders").error(), "'service=orders' has no share; end it with one, as in 'service=orders 10%'");
}

TEST(Route, LeavesOutIdsAndTheQuery) {
  const auto route = [](std::string_view path) { return route_of(entry_span(1, path), "shop"); };
  EXPECT_EQ(route("/orders/17/items"), route("/orders/42ab/items"));
  EXPECT_NE(route("/orders/17/items"), route("/orders/17/lines"));
  EXPECT_NE(route("/v1/orders"), route("/v2/orders"));
  EXPECT_NE(route_of(entry_span(1), "shop"), route_of(entry_span(1), "orders"));
  EXPECT_NE(route_of(entry_span(1), "shop"), route_of(client_span(1), "shop"));
}

TEST(Route, OfAClientIsThePathOfItsUrl) {
  const auto path = [](const char* url) {
    Span span;
    span.attributes.add(AttributeKey::UrlFull, url);
    return std::string(path_of(span));
  };
  EXPECT_EQ(path("http://h:80/a/b?c=/d"), "/a/b");
  EXPECT_EQ(path("http://h"), "");
  EXPECT_EQ(path("*"), "*");
  EXPECT_EQ(path_of(Span()), "");
}

TEST(Outcome, OfPathsThatNobodyServesIsOne) {
  const auto outcome = [](std::string_view path, std::int64_t status) { return outcome_of(entry_span(1, path, status), "shop"); };
  EXPECT_EQ(outcome("/wp-login.php", 404), outcome("/admin", 404));
  EXPECT_NE(outcome("/a", 200), outcome("/b", 200));
  EXPECT_NE(outcome("/a", 200), outcome("/a", 500));
}

}  // namespace
}  // namespace suture::test
