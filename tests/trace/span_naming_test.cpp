#include "trace/span_naming.h"

#include <gtest/gtest.h>

namespace suture {
namespace {

RouteRule rule(const std::string& text) {
  Result<RouteRule> parsed = parse_route_rule(text);
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error());
  return parsed ? *parsed : RouteRule();
}

Span span_of(SpanKind kind, std::string_view path, std::int64_t status = 200) {
  Span span;
  span.kind = kind;
  span.name = "GET";
  if (kind == SpanKind::Server) span.attributes.add(AttributeKey::UrlPath, path);
  else span.attributes.add(AttributeKey::UrlFull, "http://shop:8080" + std::string(path) + "?a=/b");
  span.attributes.add(AttributeKey::HttpResponseStatusCode, status);
  return span;
}

/// "NAME | ROUTE | TEMPLATE"
std::string named(SpanNaming& naming, Span span, std::string_view service = "orders") {
  naming.apply(span, service);
  std::string out = span.name;
  for (const AttributeKey key : {AttributeKey::HttpRoute, AttributeKey::SuturePathTemplate}) {
    const AttributeList::Entry* entry = span.attributes.find(key);
    out += " | " + (entry ? std::string(span.attributes.text(*entry)) : "-");
  }
  return out;
}

TEST(RouteRule, FitsSegmentBySegment) {
  const struct { const char *rule, *path; bool fits; } cases[] = {
      {"/orders/{id}", "/orders/4711", true},     {"/orders/{id}", "/orders/", false},
      {"/orders/{id}", "/orders/4711/", false},   {"/orders/{id}", "/orders/4711/items", false},
      {"/orders/{id}/", "/orders/4711/", true},   {"/orders/{id}", "/Orders/4711", false},
      {"/{a}/{b}", "/x/y", true},                 {"/", "/", true},
      {"/", "/x", false},                         {"/static/*", "/static/a/b.css", true},
      {"/static/*", "/static/", true},            {"/static/*", "/static", false},
      {"/static/*", "/other/a", false},           {"/*", "/", true},
      {"/a", "*", false},                         {"stock: /a", "/a", false},
      {"ord*: /a", "/a", true},                   {"orders:/a", "/a", true},
      {"/v1/items:batch", "/v1/items:batch", true},
  };
  for (const auto& each : cases) EXPECT_EQ(rule(each.rule).fits("orders", each.path), each.fits) << each.rule << " " << each.path;
}

TEST(RouteRule, RefusesWhatCannotBeFollowed) {
  for (const char* text : {"", "orders", "orders:", "orders: a/b", ": /a", "/a?b", "/a/{b}c", "/a/{}", "/*/a", "/a{"}) {
    const Result<RouteRule> parsed = parse_route_rule(text);
    EXPECT_FALSE(parsed) << text;
  }
}

TEST(SpanNaming, KnowsARouteWhereItsOwnerSaysSoAndNoWhereElse) {
  SpanNaming naming({.routes = {rule("orders: /orders/{id}"), rule("*: /orders/*")}});
  EXPECT_EQ(named(naming, span_of(SpanKind::Server, "/orders/4711")), "GET /orders/{id} | /orders/{id} | /orders/{id}");
  EXPECT_EQ(named(naming, span_of(SpanKind::Server, "/orders/4711"), "stock"), "GET /orders/* | /orders/* | /orders/{id}");
  EXPECT_EQ(named(naming, span_of(SpanKind::Server, "/items/9")), "GET | - | /items/{id}");
  EXPECT_EQ(named(naming, span_of(SpanKind::Client, "/orders/4711")), "GET | - | /orders/{id}") << "a client does not know the server's";
  EXPECT_EQ(named(naming, span_of(SpanKind::Server, "*")), "GET | - | -");
  EXPECT_EQ(named(naming, Span()), " | - | -");
}

TEST(SpanNaming, PutsTheTemplateIntoTheNameIfAsked) {
  SpanNaming naming({.routes = {rule("/a/{b}")}, .template_in_name = true});
  EXPECT_EQ(named(naming, span_of(SpanKind::Server, "/items/9")), "GET /items/{id} | - | /items/{id}");
  EXPECT_EQ(named(naming, span_of(SpanKind::Client, "/items/9")), "GET /items/{id} | - | /items/{id}");
  EXPECT_EQ(named(naming, span_of(SpanKind::Server, "/a/9")), "GET /a/{b} | /a/{b} | /a/{id}");
}

TEST(SpanNaming, SaysWhereThereAreTooManyTemplates) {
  SpanNaming naming({.routes = {}, .templates = 2, .services = 2});
  const auto template_of = [&](std::string_view path, std::string_view service, std::int64_t status = 200) {
    const std::string all = named(naming, span_of(SpanKind::Server, path, status), service);
    return all.substr(all.rfind(' ') + 1);
  };
  EXPECT_EQ(template_of("/wp-admin", "orders", 404), "{not_found}");
  EXPECT_EQ(template_of("/a/1", "orders"), "/a/{id}");
  EXPECT_EQ(template_of("/b", "orders"), "/b");
  EXPECT_EQ(template_of("/c", "orders"), "{overflow}");
  EXPECT_EQ(template_of("/a/2", "orders", 404), "/a/{id}") << "known";
  EXPECT_EQ(template_of("/c", "stock"), "/c") << "each service has its own";
  EXPECT_EQ(template_of("/a", "third"), "{overflow}");
}

}  // namespace
}  // namespace suture
