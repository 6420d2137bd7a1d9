#include "trace/http_span.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "http_builder.h"

namespace suture {
namespace {

using Attributes = std::map<std::string, std::string>;

/// 192.0.2.10:40000 speaks with 198.51.100.5:8080.
Endpoints endpoints_of(Direction direction) {
  const AddressBytes client{192, 0, 2, 10};
  const AddressBytes server{198, 51, 100, 5};
  return direction == Direction::Receive ? Endpoints{AddressFamily::Inet, server, client, 8080, 40000}
                                         : Endpoints{AddressFamily::Inet, client, server, 40000, 8080};
}

std::string value_text(const AttributeList& list, const AttributeList::Entry& entry) {
  switch (entry.type) {
    case AttributeList::Entry::Type::Text:
      return std::string(list.text(entry));
    case AttributeList::Entry::Type::Integer:
      return std::to_string(entry.value.integer);
    case AttributeList::Entry::Type::Double:
      return std::to_string(entry.value.number);
    case AttributeList::Entry::Type::Boolean:
      return entry.value.integer != 0 ? "true" : "false";
  }
  return {};
}

Span describe(const Exchange& exchange, const HttpSpanOptions& options = {}) {
  Span span;
  describe_http(exchange, endpoints_of(exchange.request_direction), options, span);
  return span;
}

Attributes attributes_of(const Span& span) {
  Attributes all;
  for (const AttributeList::Entry& entry : span.attributes)
    EXPECT_TRUE(all.emplace(name_of(entry.key), value_text(span.attributes, entry)).second) << name_of(entry.key);
  return all;
}

Attributes served(std::string_view head, const HttpSpanOptions& options = {}) {
  return attributes_of(describe(exchange_of(Direction::Receive, head, 200), options));
}

Attributes sent(std::string_view head, const HttpSpanOptions& options = {}) {
  return attributes_of(describe(exchange_of(Direction::Send, head, 200), options));
}

/// The value of `name`, "-" if there is none.
std::string at(const Attributes& attributes, const char* name) {
  const auto found = attributes.find(name);
  return found == attributes.end() ? "-" : found->second;
}

TEST(HttpSpan, DescribesAServersRequest) {
  Exchange exchange = exchange_of(Direction::Receive,
                                  "GET /cart/7?color=blue&token=s3cret HTTP/1.1\r\nHost: shop:8080\r\n"
                                  "User-Agent: curl/8.5\r\n\r\n",
                                  200);
  exchange.request.wait_ns = 1234;
  const Span span = describe(exchange);
  EXPECT_EQ(span.name, "GET");
  EXPECT_EQ(span.kind, SpanKind::Server);
  EXPECT_EQ(span.status, SpanStatus::Unset);
  EXPECT_EQ(attributes_of(span), (Attributes{
                                     {"http.request.method", "GET"},
                                     {"http.response.status_code", "200"},
                                     {"url.scheme", "http"},
                                     {"url.path", "/cart/7"},
                                     {"url.query", "color=blue&token=REDACTED"},
                                     {"server.address", "shop"},
                                     {"server.port", "8080"},
                                     {"client.address", "192.0.2.10"},
                                     {"network.peer.address", "192.0.2.10"},
                                     {"network.peer.port", "40000"},
                                     {"network.protocol.version", "1.1"},
                                     {"user_agent.original", "curl/8.5"},
                                     {"suture.wait_ns", "1234"},
                                 }));
}

TEST(HttpSpan, DescribesAClientsRequest) {
  Exchange exchange = exchange_of(Direction::Send,
                                  "POST /cart/7?color=blue&token=s3cret HTTP/1.0\r\nHost: shop:8080\r\n"
                                  "User-Agent: curl/8.5\r\nX-Forwarded-For: 203.0.113.9\r\n"
                                  "X-Forwarded-Host: front\r\nX-Forwarded-Proto: https\r\n\r\n",
                                  201);
  exchange.request.wait_ns = 1234;  // of servers only
  const Span span = describe(exchange);
  EXPECT_EQ(span.name, "POST");
  EXPECT_EQ(span.kind, SpanKind::Client);
  EXPECT_EQ(span.status, SpanStatus::Unset);
  EXPECT_EQ(attributes_of(span), (Attributes{
                                     {"http.request.method", "POST"},
                                     {"http.response.status_code", "201"},
                                     {"url.full", "http://shop:8080/cart/7?color=blue&token=REDACTED"},
                                     {"server.address", "shop"},
                                     {"server.port", "8080"},
                                     {"network.peer.address", "198.51.100.5"},
                                     {"network.peer.port", "8080"},
                                     {"network.protocol.version", "1.0"},
                                 }));
}

/// As the session of FastCGI gives it: no head, but values.
Exchange over_fastcgi(Direction direction, std::string_view scheme, std::string_view client) {
  Exchange exchange = exchange_of(direction, "GET /cart?k=v HTTP/1.1\r\nHost: shop\r\n\r\n", 200);
  HttpRequest& request = std::get<HttpExchange>(exchange.detail).request;
  const auto add = [&](std::string_view text) {
    request.head += text;
    return Slice{static_cast<std::uint16_t>(request.head.size() - text.size()), static_cast<std::uint16_t>(text.size())};
  };
  request.carrier = Carrier::FastCgi;
  request.scheme = add(scheme);
  request.client = add(client);
  return exchange;
}

TEST(HttpSpan, OverFastcgiTheWebServerSaysWhoAskedForWhat) {
  const Attributes server = attributes_of(describe(over_fastcgi(Direction::Receive, "https", "203.0.113.7")));
  EXPECT_EQ(at(server, "url.scheme"), "https");
  EXPECT_EQ(at(server, "client.address"), "203.0.113.7");
  EXPECT_EQ(at(server, "server.port"), "443");
  EXPECT_EQ(at(server, "network.peer.address"), "192.0.2.10");
  EXPECT_EQ(at(server, "network.protocol.name"), "fastcgi");
  EXPECT_EQ(at(server, "network.protocol.version"), "1.0");
  const Attributes client = attributes_of(describe(over_fastcgi(Direction::Send, "https", "203.0.113.7")));
  EXPECT_EQ(at(client, "url.full"), "https://shop/cart?k=v");
  EXPECT_EQ(at(client, "network.protocol.name"), "fastcgi");
  const Attributes silent = attributes_of(describe(over_fastcgi(Direction::Receive, "", "")));
  EXPECT_EQ(at(silent, "url.scheme"), "http");
  EXPECT_EQ(at(silent, "client.address"), "192.0.2.10");
}

TEST(HttpSpan, NamesOnlyMethodsItKnows) {
  const auto method = [](const char* method, const HttpSpanOptions& options) {
    const Span span =
        describe(exchange_of(Direction::Receive, std::string(method) + " / HTTP/1.1\r\n\r\n", 200), options);
    const Attributes attributes = attributes_of(span);
    return span.name + " " + at(attributes, "http.request.method") + " " +
           at(attributes, "http.request.method_original");
  };
  const HttpSpanOptions standard;
  for (const char* known : {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY"})
    EXPECT_EQ(method(known, standard), std::string(known) + " " + known + " -");
  EXPECT_EQ(method("BREW", standard), "HTTP _OTHER BREW");
  EXPECT_EQ(method("get", standard), "HTTP _OTHER get");
  EXPECT_EQ(method("", standard), "HTTP _OTHER -");
  const HttpSpanOptions own{.known_methods = known_methods_from(" BREW ,GET,"), .redactor = {}};
  EXPECT_EQ(method("BREW", own), "BREW BREW -");
  EXPECT_EQ(method("POST", own), "HTTP _OTHER POST");
  EXPECT_EQ(known_methods_from(" "), HttpSpanOptions::default_known_methods());
}

TEST(HttpSpan, FindsTheServersAddress) {
  const struct {
    const char* about;
    const char* head;
    const char* address;
    const char* port;
  } cases[] = {
      {"Host", "GET / HTTP/1.1\r\nHost: shop:81\r\n\r\n", "shop", "81"},
      {"no port means the scheme's", "GET / HTTP/1.1\r\nHost: shop\r\n\r\n", "shop", "80"},
      {"IPv6", "GET / HTTP/1.1\r\nHost: [::1]:81\r\n\r\n", "::1", "81"},
      {"no Host: the socket's", "GET / HTTP/1.0\r\n\r\n", "198.51.100.5", "8080"},
      {"empty Host", "GET / HTTP/1.1\r\nHost: \r\n\r\n", "198.51.100.5", "8080"},
      {"hostile Host", "GET / HTTP/1.1\r\nHost: a\"<b>\r\n\r\n", "198.51.100.5", "8080"},
      {"absolute-form counts, not Host", "GET http://shop:81/ HTTP/1.1\r\nHost: other\r\n\r\n", "shop", "81"},
      {"https by absolute-form", "GET https://shop/ HTTP/1.1\r\nHost: other\r\n\r\n", "shop", "443"},
      {"a scheme without a known port", "GET ftp://shop/ HTTP/1.1\r\nHost: other\r\n\r\n", "shop", "-"},
      {"CONNECT", "CONNECT shop:443 HTTP/1.1\r\nHost: other\r\n\r\n", "shop", "443"},
  };
  for (const auto& one : cases) {
    for (const Attributes& attributes : {served(one.head), sent(one.head)}) {
      EXPECT_EQ(at(attributes, "server.address"), one.address) << one.about;
      EXPECT_EQ(at(attributes, "server.port"), one.port) << one.about;
    }
  }
}

TEST(HttpSpan, BelievesProxiesAboutTheOriginalRequest) {
  const struct {
    const char* about;
    const char* fields;
    const char* server;
    const char* port;
    const char* scheme;
    const char* client;
  } cases[] = {
      {"Forwarded first",
       "Forwarded: for=203.0.113.9;host=front:444;proto=https\r\nX-Forwarded-For: 203.0.113.8\r\n"
       "X-Forwarded-Host: wrong\r\nX-Forwarded-Proto: wrong\r\n",
       "front", "444", "https", "203.0.113.9"},
      {"X-Forwarded next",
       "X-Forwarded-For: 203.0.113.9, 10.0.0.1\r\nX-Forwarded-Host: front, wrong\r\n"
       "X-Forwarded-Proto: HTTPS,http\r\n",
       "front", "443", "https", "203.0.113.9"},
      {"what Forwarded lacks", "Forwarded: for=unknown\r\nX-Forwarded-For: 203.0.113.9\r\n", "shop", "81", "http",
       "203.0.113.9"},
      {"a quoted IPv6 node", "Forwarded: for=\"[2001:db8::9]:4711\"\r\n", "shop", "81", "http", "2001:db8::9"},
      {"an obfuscated client", "Forwarded: for=_secret\r\n", "shop", "81", "http", "192.0.2.10"},
      {"hostile values", "X-Forwarded-For: <script>\r\nX-Forwarded-Host: a b\r\nX-Forwarded-Proto: no/scheme\r\n",
       "shop", "81", "http", "192.0.2.10"},
      {"empty values", "Forwarded: \r\nX-Forwarded-For: \r\nX-Forwarded-Host: ,\r\nX-Forwarded-Proto: ,\r\n", "shop",
       "81", "http", "192.0.2.10"},
  };
  for (const auto& one : cases) {
    const Attributes attributes = served(std::string("GET / HTTP/1.1\r\nHost: shop:81\r\n") + one.fields + "\r\n");
    EXPECT_EQ(at(attributes, "server.address"), one.server) << one.about;
    EXPECT_EQ(at(attributes, "server.port"), one.port) << one.about;
    EXPECT_EQ(at(attributes, "url.scheme"), one.scheme) << one.about;
    EXPECT_EQ(at(attributes, "client.address"), one.client) << one.about;
    EXPECT_EQ(at(attributes, "network.peer.address"), "192.0.2.10") << one.about;
  }
}

TEST(HttpSpan, TakesTheServersUrlFromAnyTarget) {
  const struct {
    const char* line;
    const char* scheme;
    const char* path;
    const char* query;
  } cases[] = {
      {"GET / HTTP/1.1", "http", "/", "-"},
      {"GET /a/../b%20c HTTP/1.1", "http", "/a/../b%20c", "-"},
      {"GET /a?b=c?d HTTP/1.1", "http", "/a", "b=c?d"},
      {"GET /a? HTTP/1.1", "http", "/a", "-"},
      {"GET HTTPS://u:p@h/a?b HTTP/1.1", "https", "/a", "b"},
      {"GET http://h HTTP/1.1", "http", "/", "-"},
      {"OPTIONS * HTTP/1.1", "http", "", "-"},
      {"CONNECT h:443 HTTP/1.1", "http", "", "-"},
      {"GET garbage HTTP/1.1", "http", "garbage", "-"},
      {"GET  HTTP/1.1", "http", "", "-"},
  };
  for (const auto& one : cases) {
    const Attributes attributes = served(std::string(one.line) + "\r\nHost: h\r\n\r\n");
    EXPECT_EQ(at(attributes, "url.scheme"), one.scheme) << one.line;
    EXPECT_EQ(at(attributes, "url.path"), one.path) << one.line;
    EXPECT_EQ(at(attributes, "url.query"), one.query) << one.line;
  }
}

TEST(HttpSpan, RebuildsTheClientsUrl) {
  const struct {
    const char* head;
    const char* url;
  } cases[] = {
      {"GET /a?b HTTP/1.1\r\nHost: shop\r\n\r\n", "http://shop/a?b"},
      {"GET /a HTTP/1.1\r\nHost: [::1]:81\r\n\r\n", "http://[::1]:81/a"},
      {"GET /a HTTP/1.0\r\n\r\n", "http://198.51.100.5:8080/a"},
      {"GET /a HTTP/1.1\r\nHost: u:p@shop\r\n\r\n", "http://198.51.100.5:8080/a"},
      {"GET http://other:81/a?b HTTP/1.1\r\nHost: shop\r\n\r\n", "http://other:81/a?b"},
      {"GET http://u:p@other/a?sig=s3cret HTTP/1.1\r\nHost: shop\r\n\r\n",
       "http://REDACTED:REDACTED@other/a?sig=REDACTED"},
      {"GET http://u@other HTTP/1.1\r\nHost: shop\r\n\r\n", "http://REDACTED:REDACTED@other/"},
      {"OPTIONS * HTTP/1.1\r\nHost: shop:81\r\n\r\n", "http://shop:81"},
      {"CONNECT other:443 HTTP/1.1\r\nHost: shop\r\n\r\n", "http://other:443"},
      {"CONNECT u:p@other:443 HTTP/1.1\r\nHost: shop\r\n\r\n", "http://REDACTED:REDACTED@other:443"},
      {"GET garbage HTTP/1.1\r\nHost: shop\r\n\r\n", "http://shop/garbage"},
      {"GET u:p@host HTTP/1.1\r\nHost: shop\r\n\r\n", "http://shop/host"},
  };
  for (const auto& one : cases) EXPECT_EQ(at(sent(one.head), "url.full"), one.url) << one.head;
}

TEST(HttpSpan, WritesAnIpv6PeerIntoTheUrlWithBrackets) {
  const Endpoints endpoints{
      AddressFamily::Inet6, {}, {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 40000, 80};
  Span span;
  describe_http(exchange_of(Direction::Send, "GET /a HTTP/1.0\r\n\r\n", 200), endpoints, {}, span);
  EXPECT_EQ(at(attributes_of(span), "url.full"), "http://[2001:db8::1]/a");
  EXPECT_EQ(at(attributes_of(span), "server.address"), "2001:db8::1");
}

TEST(HttpSpan, SaysNothingOfAddressesItDoesNotKnow) {
  Span span;
  describe_http(exchange_of(Direction::Receive, "GET /a HTTP/1.0\r\n\r\n", 200), Endpoints{}, {}, span);
  EXPECT_EQ(attributes_of(span), (Attributes{{"http.request.method", "GET"},
                                             {"http.response.status_code", "200"},
                                             {"url.scheme", "http"},
                                             {"url.path", "/a"},
                                             {"network.protocol.version", "1.0"}}));
}

TEST(HttpSpan, CapturesQueriesAsTheOwnerWishes) {
  const char* head = "GET /a?b=c&sig=s3cret HTTP/1.1\r\nHost: h\r\n\r\n";
  const auto query = [&](QueryCapture capture) {
    const HttpSpanOptions options{.query = capture, .redactor = {}};
    return at(served(head, options), "url.query") + " " + at(sent(head, options), "url.full");
  };
  EXPECT_EQ(query(QueryCapture::Off), "- http://h/a");
  EXPECT_EQ(query(QueryCapture::Redacted), "b=c&sig=REDACTED http://h/a?b=c&sig=REDACTED");
  EXPECT_EQ(query(QueryCapture::Full), "b=c&sig=s3cret http://h/a?b=c&sig=s3cret");
}

TEST(HttpSpan, TellsErrorsByTheConventionsRules) {
  const auto U = SpanStatus::Unset;
  const auto E = SpanStatus::Error;
  const struct {
    Outcome outcome;
    std::uint16_t code;
    SpanStatus server;
    const char* server_error;
    SpanStatus client;
    const char* client_error;
  } cases[] = {
      {Outcome::Answered, 101, U, "-", U, "-"},
      {Outcome::Answered, 204, U, "-", U, "-"},
      {Outcome::Answered, 399, U, "-", U, "-"},
      {Outcome::Answered, 400, U, "-", E, "400"},
      {Outcome::Answered, 499, U, "-", E, "499"},
      {Outcome::Answered, 500, E, "500", E, "500"},
      {Outcome::Answered, 599, E, "599", E, "599"},
      {Outcome::Answered, 600, E, "600", E, "600"},
      {Outcome::Answered, 99, E, "99", E, "99"},
      {Outcome::Cut, 200, E, "connection_closed", E, "connection_closed"},
      {Outcome::Cut, 404, E, "connection_closed", E, "404"},
      {Outcome::Cut, 503, E, "503", E, "503"},
      {Outcome::Reset, 0, E, "connection_reset", E, "connection_reset"},
      {Outcome::TimedOut, 0, E, "timeout", E, "timeout"},
      {Outcome::PeerClosed, 0, E, "connection_closed", E, "connection_closed"},
      {Outcome::LocallyClosed, 0, E, "connection_closed", E, "connection_closed"},
  };
  for (const auto& one : cases) {
    for (const Direction direction : {Direction::Receive, Direction::Send}) {
      SCOPED_TRACE(testing::Message() << static_cast<int>(one.outcome) << " " << one.code);
      const bool server = direction == Direction::Receive;
      Exchange exchange = exchange_of(direction, "GET / HTTP/1.1\r\nHost: h\r\n\r\n", one.code);
      exchange.outcome = one.outcome;
      const Span span = describe(exchange);
      EXPECT_EQ(span.status, server ? one.server : one.client);
      EXPECT_EQ(at(attributes_of(span), "error.type"), server ? one.server_error : one.client_error);
      EXPECT_EQ(at(attributes_of(span), "http.response.status_code"), one.code == 0 ? "-" : std::to_string(one.code));
    }
  }
}

TEST(HttpSpan, SaysWhatMakesItDoubtful) {
  const auto doubts = [](auto change) {
    Exchange exchange = exchange_of(Direction::Send, "GET / HTTP/1.1\r\nHost: h\r\n\r\n", 200);
    change(exchange, std::get<HttpExchange>(exchange.detail));
    const Attributes all = attributes_of(describe(exchange));
    return at(all, "suture.head.truncated") + at(all, "suture.http.suspicious") + at(all, "suture.end.unconfirmed");
  };
  EXPECT_EQ(doubts([](Exchange&, HttpExchange&) {}), "---");
  EXPECT_EQ(doubts([](Exchange&, HttpExchange& http) { http.request.truncated = true; }), "true--");
  EXPECT_EQ(doubts([](Exchange&, HttpExchange& http) { http.response.truncated = true; }), "true--");
  EXPECT_EQ(doubts([](Exchange&, HttpExchange& http) { http.request.suspicious = true; }), "-true-");
  EXPECT_EQ(doubts([](Exchange&, HttpExchange& http) { http.response.suspicious = true; }), "-true-");
  EXPECT_EQ(doubts([](Exchange& exchange, HttpExchange&) { exchange.end_confirmed = false; }), "--true");
}

TEST(HttpSpan, CutsEveryTextAtItsLimit) {
  const std::string big(16000, 'x');
  const std::string head = big + " /" + big + "?" + big + " HTTP/1.1\r\nHost: h\r\nUser-Agent: " + big + "\r\n\r\n";
  ASSERT_LT(head.size(), 65536u);
  for (const Attributes& attributes : {served(head), sent(head)}) {
    for (const auto& [name, value] : attributes) EXPECT_LE(value.size(), kAttributeTextLimitBytes) << name;
  }
  EXPECT_EQ(at(served(head), "url.path").size(), kAttributeTextLimitBytes);
}

TEST(HttpSpan, DescribesAHeadOfWhichNothingIsLeft) {
  Exchange exchange;  // no method, no target, no field
  const Span span = describe(exchange);
  EXPECT_EQ(span.name, "HTTP");
  EXPECT_EQ(at(attributes_of(span), "http.request.method"), "_OTHER");
  EXPECT_EQ(at(attributes_of(span), "http.response.status_code"), "-");
}

TEST(HttpSpan, TakesItsTextsInOneAllocation) {
  const Span span = describe(exchange_of(Direction::Receive,
                                         "GET /cart/7?color=blue&token=s HTTP/1.1\r\nHost: shop.example.com:8080\r\n"
                                         "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101\r\n\r\n",
                                         503));
  // Growth would have doubled the capacity, far beyond the texts themselves.
  std::size_t texts = 0;
  for (const AttributeList::Entry& entry : span.attributes)
    if (entry.type == AttributeList::Entry::Type::Text) texts += entry.length;
  EXPECT_LT(span.attributes.heap_bytes(), texts + 192);
}

}  // namespace
}  // namespace suture
