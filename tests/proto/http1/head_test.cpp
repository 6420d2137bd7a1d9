// The head scanner by itself: vectors of RFC 9112 sections 2 to 6, and what hostile peers make of them.
#include "proto/http1/head.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace suture::http1 {
namespace {

using Length = HeadFacts::Length;
constexpr std::size_t kNone = std::string_view::npos;

std::size_t head_end(std::string_view bytes) {
  std::size_t resume = 0;
  return find_head_end(bytes, resume);
}

struct Request {
  bool valid;
  HttpRequest head;
  HeadFacts facts;
  std::string text;
  explicit Request(std::string input, bool truncated = false) : text(std::move(input)) {
    valid = parse_request(text, truncated, head, facts);
  }
  std::string_view operator[](Slice slice) const { return slice.in(text); }
};

TEST(Http1Head, KeepsTheFirstValueOfEachFieldOfTraceContext) {
  constexpr const char* kNames[kContextFields] = {"B3", "x-b3-traceid", "X-B3-SpanId", "x-b3-sampled", "X-B3-Flags", "Uber-Trace-Id",
      "X-Amzn-Trace-Id", "x-datadog-trace-id", "x-datadog-parent-id", "x-datadog-sampling-priority", "X-Datadog-Tags"};
  std::string text = "GET / HTTP/1.1\r\n";
  for (const char* name : kNames) text += std::string(name) + ":\r\n" + name + ": " + name + "\r\n" + name + ": again\r\n";
  for (int i = 0; i < 6; ++i) text += "Baggage: k=" + std::to_string(i) + "\r\n";
  const Request request(text + "\r\n");
  ASSERT_TRUE(request.valid);
  EXPECT_TRUE(request.head.has_context);
  for (std::size_t i = 0; i < kContextFields; ++i) EXPECT_EQ(request[request.head.context[i]], kNames[i]);
  ASSERT_EQ(request.head.baggage_count, HttpRequest::kMaxBaggages);
  for (std::size_t i = 0; i < HttpRequest::kMaxBaggages; ++i) EXPECT_EQ(request[request.head.baggage[i]], "k=" + std::to_string(i));
  EXPECT_FALSE(Request("GET / HTTP/1.1\r\nb4: 1\r\nx-b3-x: 1\r\nb3:\r\n\r\n").head.has_context);
}

TEST(Http1Head, EndsAtTheFirstEmptyLine) {
  EXPECT_EQ(head_end("GET / HTTP/1.1\r\n\r\nrest"), 18u);
  EXPECT_EQ(head_end("GET / HTTP/1.1\n\nrest"), 16u);
  EXPECT_EQ(head_end("GET / HTTP/1.1\r\n\nrest"), 17u);
  EXPECT_EQ(head_end("GET / HTTP/1.1\n\r\nrest"), 17u);
  EXPECT_EQ(head_end("GET / HTTP/1.1\r\n\r"), kNone);
  EXPECT_EQ(head_end("GET / HTTP/1.1\r\n \r\n"), kNone) << "a folded line is not empty";
  EXPECT_EQ(head_end("GET / HTTP/1.1\r\n\r\r\n"), kNone);
  EXPECT_EQ(head_end(""), kNone);
}

TEST(Http1Head, EndIsFoundByteByByteWhereItIsFoundAtOnce) {
  for (const std::string_view head :
       {"GET / HTTP/1.1\r\nA: b\r\n\r\n", "GET / HTTP/1.1\nA: b\n\n", "A\r\n\n", "A\n\r\n"}) {
    std::size_t resume = 0;
    for (std::size_t size = 0; size < head.size(); ++size) {
      EXPECT_EQ(find_head_end(head.substr(0, size), resume), kNone) << size;
    }
    EXPECT_EQ(find_head_end(head, resume), head.size());
  }
}

TEST(Http1Head, ReadsTheRequestLine) {
  struct Vector {
    const char* line;
    const char* method;
    const char* target;
    int minor;
    bool suspicious;
  };
  const Vector vectors[] = {
      {"GET / HTTP/1.1", "GET", "/", 1, false},
      {"POST /a?b=c HTTP/1.0", "POST", "/a?b=c", 0, false},
      {"OPTIONS * HTTP/1.1", "OPTIONS", "*", 1, false},
      {"CONNECT h:443 HTTP/1.1", "CONNECT", "h:443", 1, false},
      {"GET http://h/x HTTP/1.1", "GET", "http://h/x", 1, false},
      {"M-SEARCH * HTTP/1.1", "M-SEARCH", "*", 1, false},
      {"x!#$%&'*+.^_`|~1 / HTTP/1.7", "x!#$%&'*+.^_`|~1", "/", 7, false},
      {"GET /\xc3\xa4 HTTP/1.1", "GET", "/\xc3\xa4", 1, false},
      {"GET /a b HTTP/1.1", "GET", "/a b", 1, true},
      {"GET  /  HTTP/1.1", "GET", "/", 1, true},
      {"GET / HTTP/1.1 ", "GET", "/", 1, true},
      {"GET /\x01 HTTP/1.1", "GET", "/\x01", 1, true},
      {"GET /\x7f HTTP/1.1", "GET", "/\x7f", 1, true},
  };
  for (const Vector& v : vectors) {
    const Request request(std::string(v.line) + "\r\n\r\n");
    ASSERT_TRUE(request.valid) << v.line;
    EXPECT_EQ(request[request.head.method], v.method) << v.line;
    EXPECT_EQ(request[request.head.target], v.target) << v.line;
    EXPECT_EQ(request.head.version_minor, v.minor) << v.line;
    EXPECT_EQ(request.head.suspicious, v.suspicious) << v.line;
  }
}

TEST(Http1Head, RefusesWhatIsNoRequest) {
  for (const char* line : {"", "GET", "GET ", "GET /", "GET / HTTP/2.0", "GET / http/1.1", "GET / HTTP/1.x",
                           "GET / HTTP/1.", "GET / HTTP/1.11", "GET HTTP/1.1", "GET  HTTP/1.1", "GET /HTTP/1.1",
                           " GET / HTTP/1.1",
                           "G(T / HTTP/1.1", "GET\t/ HTTP/1.1", "PRI * HTTP/2.0", "\x16\x03\x01", "HTTP/1.1 200 OK"}) {
    EXPECT_FALSE(Request(std::string(line) + "\r\n\r\n").valid) << line;
  }
}

TEST(Http1Head, KnowsEarlyWhatCannotBecomeAHead) {
  for (const char* text : {"G", "GET", "GET ", "GET /x", "GET / HTTP/1.1\r\n", "H", "HTTP", "HTTP/1.1 2",
                           "HTTPX / HTTP/1.1\r\n"}) {
    EXPECT_TRUE(may_become_head(text)) << text;
  }
  for (const char* text : {" ", "\x16\x03", "GET\n", "GET / HTTP/2\r\n", "HTTP/2 200", "{\"a\":1}", "abc def\n"}) {
    EXPECT_FALSE(may_become_head(text)) << text;
  }
}

TEST(Http1Head, ReadsTheFieldsASpanNeeds) {
  const Request request(
      "GET / HTTP/1.1\r\nHOST: h:80\r\nuser-agent:\t curl/8 \t\r\nForwarded: for=a\r\nX-Forwarded-For: b\r\n"
      "X-Forwarded-Host: c\r\nX-Forwarded-Proto: d\r\nTraceParent: 00-1\r\ntraceparent: 00-2\r\nTracestate: k=1\r\n"
      "tracestate: k=2\r\nAccept: */*\r\nEmpty:\r\nExpect: 100-Continue\r\nConnection: keep-alive, , Upgrade\r\n\r\n");
  ASSERT_TRUE(request.valid);
  EXPECT_EQ(request[request.head.host], "h:80");
  EXPECT_EQ(request[request.head.user_agent], "curl/8");
  EXPECT_EQ(request[request.head.forwarded], "for=a");
  EXPECT_EQ(request[request.head.x_forwarded_for], "b");
  EXPECT_EQ(request[request.head.x_forwarded_host], "c");
  EXPECT_EQ(request[request.head.x_forwarded_proto], "d");
  EXPECT_EQ(request[request.head.traceparent], "00-1");
  EXPECT_EQ(request.head.traceparent_count, 2);
  EXPECT_EQ(request[request.head.tracestate[0]], "k=1");
  EXPECT_EQ(request[request.head.tracestate[1]], "k=2");
  EXPECT_EQ(request.head.tracestate_count, 2);
  EXPECT_TRUE(request.facts.expect_continue);
  EXPECT_TRUE(request.facts.keep_alive);
  EXPECT_TRUE(request.facts.upgrade);
  EXPECT_FALSE(request.facts.close);
  EXPECT_FALSE(request.head.suspicious);
}

TEST(Http1Head, CountsTracestatesItDoesNotKeep) {
  std::string text = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 300; ++i) text += "tracestate: a=b\r\ntraceparent: x\r\n";
  const Request request(text + "\r\n");
  EXPECT_EQ(request.head.tracestate_count, 255);
  EXPECT_EQ(request.head.traceparent_count, 255);
}

struct FramingVector {
  const char* fields;
  Length length;
  std::uint64_t value;
  bool coded, chunked, suspicious;
};

TEST(Http1Head, ReadsLengthsAndCodings) {
  const FramingVector vectors[] = {
      {"", Length::Absent, 0, false, false, false},
      {"Content-Length: 0\r\n", Length::Valid, 0, false, false, false},
      {"content-LENGTH:18446744073709551615\r\n", Length::Valid, UINT64_MAX, false, false, false},
      {"Content-Length: 007\r\n", Length::Valid, 7, false, false, false},
      {"Content-Length: 5\r\nContent-Length: 5\r\n", Length::Valid, 5, false, false, false},
      {"Content-Length: 5, 5\r\n", Length::Valid, 5, false, false, false},
      {"Content-Length: 5\r\nContent-Length: 6\r\n", Length::Invalid, 0, false, false, true},
      {"Content-Length: 5, 6\r\nContent-Length: 5\r\n", Length::Invalid, 0, false, false, true},
      {"Content-Length: 18446744073709551616\r\n", Length::Invalid, 0, false, false, true},
      {"Content-Length: +5\r\n", Length::Invalid, 0, false, false, true},
      {"Content-Length: -5\r\n", Length::Invalid, 0, false, false, true},
      {"Content-Length: 0x5\r\n", Length::Invalid, 0, false, false, true},
      {"Content-Length: 5 5\r\n", Length::Invalid, 0, false, false, true},
      {"Content-Length:\r\n", Length::Invalid, 0, false, false, true},
      {"Transfer-Encoding: chunked\r\n", Length::Absent, 0, true, true, false},
      {"Transfer-Encoding: gzip, Chunked\r\n", Length::Absent, 0, true, true, false},
      {"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", Length::Absent, 0, true, true, false},
      {"Transfer-Encoding: gzip\r\n", Length::Absent, 0, true, false, false},
      {"Transfer-Encoding: chunked, gzip\r\n", Length::Absent, 0, true, false, true},
      {"Transfer-Encoding: chunked, chunked\r\n", Length::Absent, 0, true, true, true},
      {"Transfer-Encoding: identity\r\n", Length::Absent, 0, false, false, true},
      {"Transfer-Encoding: xchunked\r\n", Length::Absent, 0, true, false, true},
      {"Transfer-Encoding: \x0b" "chunked\r\n", Length::Absent, 0, true, false, true},
      {"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", Length::Valid, 5, true, true, true},
      {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", Length::Valid, 5, true, true, true},
      {"Transfer-Encoding : chunked\r\n", Length::Absent, 0, true, true, true},
      {"Transfer-Encoding:\r\n chunked\r\n", Length::Absent, 0, true, true, true},
      {"Transfer-Encoding: gzip,\r\n\tchunked\r\n", Length::Absent, 0, true, true, true},
      {" Transfer-Encoding: chunked\r\n", Length::Absent, 0, false, false, true},
      {"X: a\r\n Content-Length: 5\r\n", Length::Absent, 0, false, false, true},
      {"Content-Length: 5\nX: y\r\n", Length::Valid, 5, false, false, true},
      {"X: a\rContent-Length: 5\r\n", Length::Absent, 0, false, false, true},
      {"no colon\r\nContent-Length: 5\r\n", Length::Valid, 5, false, false, true},
      {": no name\r\nContent-Length: 5\r\n", Length::Valid, 5, false, false, true},
      {"Content_Length: 5\r\n", Length::Absent, 0, false, false, false},
      {"Content\xadLength: 5\r\n", Length::Absent, 0, false, false, true},
      {"X: a long value with a \x01 control in it\r\n", Length::Absent, 0, false, false, true},
      {"X: a long value with a del at its end \x7f\r\n", Length::Absent, 0, false, false, true},
      {"X: tabs\tand bytes \xe4\xff\x80 are no reason for mistrust\r\n", Length::Absent, 0, false, false, false},
  };
  for (const FramingVector& v : vectors) {
    const Request request("POST / HTTP/1.1\r\n" + std::string(v.fields) + "\r\n");
    ASSERT_TRUE(request.valid) << v.fields;
    EXPECT_EQ(request.facts.length, v.length) << v.fields;
    if (v.length == Length::Valid) { EXPECT_EQ(request.facts.content_length, v.value) << v.fields; }
    EXPECT_EQ(request.facts.transfer_encoding, v.coded) << v.fields;
    EXPECT_EQ(request.facts.chunked, v.chunked) << v.fields;
    EXPECT_EQ(request.head.suspicious, v.suspicious) << v.fields;
  }
}

TEST(Http1Head, MarksWhatOnlySmugglersSend) {
  EXPECT_TRUE(Request("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n").head.suspicious);
  EXPECT_TRUE(Request("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n").head.suspicious);
  EXPECT_TRUE(Request("GET / HTTP/1.1\nHost: a\r\n\r\n").head.suspicious);
  EXPECT_TRUE(Request("GET / HTTP/1.1\r\nHost: a\r\n\n").head.suspicious);
  EXPECT_TRUE(Request(std::string("GET / HTTP/1.1\r\nA: \0\r\n\r\n", 24)).head.suspicious);
}

TEST(Http1Head, KeepsWholeLinesOfACutHead) {
  const Request request("GET /a HTTP/1.1\r\nHost: h\r\nContent-Length: 12", true);
  ASSERT_TRUE(request.valid);
  EXPECT_TRUE(request.head.truncated);
  EXPECT_EQ(request[request.head.target], "/a");
  EXPECT_EQ(request[request.head.host], "h");
  EXPECT_EQ(request.facts.length, Length::Absent) << "the digits may go on";

  const Request line("GET /" + std::string(16379, 'a'), true);
  ASSERT_TRUE(line.valid);
  EXPECT_EQ(line.head.target.length, 16380);
  EXPECT_FALSE(Request("GET", true).valid);
}

TEST(Http1Head, ReadsTheStatusLine) {
  struct Vector {
    const char* line;
    int status;  // 0: refused
    int minor;
  };
  const Vector vectors[] = {
      {"HTTP/1.1 200 OK", 200, 1},      {"HTTP/1.0 404 ", 404, 0},   {"HTTP/1.1 599", 599, 1},
      {"HTTP/1.1 200 \xc3\xa4", 200, 1}, {"HTTP/1.1 099 x", 0, 0},    {"HTTP/1.1 20 OK", 0, 0},
      {"HTTP/1.1 2000 OK", 0, 0},       {"HTTP/1.1  200 OK", 0, 0},  {"HTTP/2 200", 0, 0},
      {"HTTP/1.1 -20 OK", 0, 0},        {"HTTP/1.1", 0, 0},          {"http/1.1 200 OK", 0, 0},
      {"HTTP/1.1 200OK", 0, 0},
  };
  for (const Vector& v : vectors) {
    HttpResponse response;
    HeadFacts facts;
    const bool valid = parse_response(std::string(v.line) + "\r\nContent-Length: 3\r\n\r\n", false, response, facts);
    ASSERT_EQ(valid, v.status != 0) << v.line;
    if (!valid) continue;
    EXPECT_EQ(response.status, v.status) << v.line;
    EXPECT_EQ(response.version_minor, v.minor) << v.line;
    EXPECT_EQ(facts.content_length, 3u);
    EXPECT_FALSE(response.suspicious);
  }
}

// Every prefix, in memory of exactly its size: the address sanitizer sees any read beyond it.
TEST(Http1Head, NeverReadsPastItsInput) {
  const std::string head =
      "POST /abc HTTP/1.1\r\nHost: h\r\nContent-Length: 5, 5\r\nTransfer-Encoding: gzip,\r\n chunked\r\n"
      "X-Forwarded-Proto: https\r\nConnection: close\r\nX : y\r\nbad\r\n\r\n";
  for (std::size_t size = 0; size <= head.size(); ++size) {
    const std::unique_ptr<char[]> exact(new char[size]);
    head.copy(exact.get(), size);
    const std::string_view text(exact.get(), size);
    HttpRequest request;
    HttpResponse response;
    HeadFacts facts;
    std::size_t resume = 0;
    EXPECT_EQ(find_head_end(text, resume) == size, size == head.size());
    const bool whole_method = size > 5;
    EXPECT_EQ(parse_request(text, true, request, facts), whole_method) << size;
    EXPECT_FALSE(parse_response(text, true, response, facts));
    may_become_head(text);
  }
}

}  // namespace
}  // namespace suture::http1
