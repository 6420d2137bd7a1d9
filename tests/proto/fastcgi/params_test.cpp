// What is read of names and values, whoever wrote them.
#include "proto/fastcgi/params.h"

#include <gtest/gtest.h>

#include "records.h"

namespace suture::fastcgi {
namespace {

struct Read {
  bool fine = false;
  HttpRequest request;
  std::optional<std::uint64_t> content;
  std::string_view text(Slice slice) const { return slice.in(request.head); }
};

Read read(const std::string& bytes, bool truncated = false) {
  Read out;
  out.request.head = bytes;
  out.fine = parse_params(out.request, truncated, out.content);
  return out;
}

TEST(FastcgiParams, AreReadAsTheFieldsTheyStandFor) {
  for (const bool wide : {false, true}) {
    const Read r = read(pairs({{"REQUEST_METHOD", "POST"}, {"SCRIPT_NAME", "/no.php"}, {"REQUEST_URI", "/a?b=c"}, {"CONTENT_LENGTH", "12"},
                               {"REQUEST_SCHEME", "https"}, {"REMOTE_ADDR", "::1"}, {"HTTP_HOST", "shop:8080"}, {"HTTP_TRACEPARENT", "00-a-b-01"},
                               {"HTTP_USER_AGENT", std::string(300, 'u')}, {"HTTP_X_B3_TRACEID", "7"}, {"HTTP_X_DATADOG_SAMPLING_PRIORITY", "2"},
                               {"HTTP_BAGGAGE", "k=v"}, {"HTTP_COOKIE", "secret"}}, wide));
    ASSERT_TRUE(r.fine);
    EXPECT_EQ(r.text(r.request.method), "POST");
    EXPECT_EQ(r.text(r.request.target), "/a?b=c");
    EXPECT_EQ(r.text(r.request.scheme), "https");
    EXPECT_EQ(r.text(r.request.client), "::1");
    EXPECT_EQ(r.text(r.request.host), "shop:8080");
    EXPECT_EQ(r.text(r.request.traceparent), "00-a-b-01");
    EXPECT_EQ(r.request.traceparent_count, 1);
    EXPECT_EQ(r.text(r.request.user_agent), std::string(300, 'u'));
    EXPECT_EQ(r.request.field(ContextField::B3TraceId), "7");
    EXPECT_EQ(r.request.field(ContextField::DatadogPriority), "2");
    EXPECT_EQ(r.text(r.request.baggage[0]), "k=v");
    EXPECT_EQ(r.content, 12u);
    EXPECT_EQ(r.request.carrier, Carrier::FastCgi);
  }
}

TEST(FastcgiParams, WithoutAnUriTheTargetIsPutTogether) {
  const Read r = read(pairs({{"QUERY_STRING", "k=v"}, {"REQUEST_METHOD", "GET"}, {"HTTPS", "on"}, {"PATH_INFO", "/info"}, {"SCRIPT_NAME", "/s.php"}}));
  ASSERT_TRUE(r.fine);
  EXPECT_EQ(r.text(r.request.target), "/s.php/info?k=v");
  EXPECT_EQ(r.text(r.request.scheme), "https");
  EXPECT_EQ(r.content, 0u);
  const Read empty = read(pairs({{"REQUEST_METHOD", "GET"}, {"HTTPS", "off"}, {"CONTENT_LENGTH", ""}, {"HTTP_TRACEPARENT", ""}, {"HTTP_HOST", " \t"}}));
  EXPECT_EQ(empty.request.scheme.length, 0);
  EXPECT_EQ(empty.content, 0u);
  EXPECT_EQ(empty.request.traceparent_count, 0);
  EXPECT_EQ(empty.text(empty.request.host), "");
  EXPECT_FALSE(empty.request.suspicious);
}

TEST(FastcgiParams, OfThoseThatWereCutWholePairsCount) {
  const std::string all = pairs({{"REQUEST_METHOD", "GET"}, {"REQUEST_URI", "/whole"}, {"HTTP_HOST", "cut"}});
  for (std::size_t size = 0; size < all.size(); ++size) {
    const Read r = read(all.substr(0, size), true);
    EXPECT_EQ(r.fine, size >= pairs({{"REQUEST_METHOD", "GET"}}).size()) << size;
    EXPECT_TRUE(r.request.host.empty()) << size;
    EXPECT_FALSE(r.content.has_value()) << size;
    const bool at_a_pair = size == pairs({{"REQUEST_METHOD", "GET"}}).size() || size == pairs({{"REQUEST_METHOD", "GET"}, {"REQUEST_URI", "/whole"}}).size();
    EXPECT_EQ(read(all.substr(0, size)).fine, at_a_pair) << size;  // not known to be cut, they are wrong
  }
}

TEST(FastcgiParams, LengthsThatLieAreRefused) {
  const std::string good = pairs({{"REQUEST_METHOD", "GET"}});
  for (const std::string& bad : {std::string("\x05\x05" "ab"), std::string("\xff\xff\xff\xff\xff\xff\xff\xff"), std::string("\x80\x00\x00", 3), std::string("\x7f")}) {
    EXPECT_FALSE(read(good + bad).fine);
    EXPECT_TRUE(read(good + bad, true).fine);
    EXPECT_FALSE(read(bad).fine);
  }
  EXPECT_TRUE(read(good + pairs({{"", ""}, {"HTTP_", "x"}, {"HTTP_" + std::string(500, 'A'), "x"}, {"HTTP_A\r\nB", "x"}})).fine);
  EXPECT_FALSE(read(pairs({{"REQUEST_URI", "/without/a/method"}})).fine);
}

}  // namespace
}  // namespace suture::fastcgi
