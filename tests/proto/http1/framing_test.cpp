// RFC 9112 section 6.3 as a table.
#include "proto/http1/framing.h"

#include <gtest/gtest.h>

#include <string>

namespace suture::http1 {
namespace {

TEST(Http1Framing, RequestBodiesFollowTheRules) {
  struct Vector {
    const char* fields;
    BodyKind kind;
    std::uint64_t length;
  };
  const Vector vectors[] = {
      {"", BodyKind::None, 0},
      {"Content-Length: 0\r\n", BodyKind::None, 0},
      {"Content-Length: 12\r\n", BodyKind::Length, 12},
      {"Content-Length: 1\r\nContent-Length: 2\r\n", BodyKind::Unknown, 0},
      {"Transfer-Encoding: chunked\r\n", BodyKind::Chunked, 0},
      {"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", BodyKind::Chunked, 0},
      {"Transfer-Encoding: gzip\r\n", BodyKind::Unknown, 0},
      {"Transfer-Encoding: identity\r\nContent-Length: 3\r\n", BodyKind::Length, 3},
  };
  for (const Vector& v : vectors) {
    HttpRequest request;
    HeadFacts facts;
    ASSERT_TRUE(parse_request("POST / HTTP/1.1\r\n" + std::string(v.fields) + "\r\n", false, request, facts));
    const Body body = request_body(facts);
    EXPECT_EQ(body.kind, v.kind) << v.fields;
    EXPECT_EQ(body.length, v.length) << v.fields;
  }
}

TEST(Http1Framing, ResponseBodiesFollowTheRules) {
  struct Vector {
    int status;
    const char* fields;
    bool to_head;
    BodyKind kind;
    std::uint64_t length;
  };
  const Vector vectors[] = {
      {200, "", false, BodyKind::UntilClose, 0},
      {200, "Content-Length: 9\r\n", false, BodyKind::Length, 9},
      {200, "Content-Length: 9\r\n", true, BodyKind::None, 0},
      {200, "Transfer-Encoding: chunked\r\n", true, BodyKind::None, 0},
      {100, "", false, BodyKind::None, 0},
      {103, "Content-Length: 9\r\n", false, BodyKind::None, 0},
      {204, "Content-Length: 9\r\n", false, BodyKind::None, 0},
      {304, "Content-Length: 9\r\n", false, BodyKind::None, 0},
      {404, "Content-Length: 0\r\n", false, BodyKind::None, 0},
      {200, "Transfer-Encoding: chunked\r\nContent-Length: 9\r\n", false, BodyKind::Chunked, 0},
      {200, "Transfer-Encoding: gzip\r\n", false, BodyKind::UntilClose, 0},
      {200, "Content-Length: x\r\n", false, BodyKind::Unknown, 0},
  };
  for (const Vector& v : vectors) {
    HttpResponse response;
    HeadFacts facts;
    const std::string head = "HTTP/1.1 " + std::to_string(v.status) + " x\r\n" + v.fields + "\r\n";
    ASSERT_TRUE(parse_response(head, false, response, facts));
    const Body body = response_body(facts, response.status, v.to_head);
    EXPECT_EQ(body.kind, v.kind) << head;
    EXPECT_EQ(body.length, v.length) << head;
  }
}

TEST(Http1Framing, TheBodyOfACutHeadIsUnknown) {
  HeadFacts facts;
  facts.truncated = true;
  EXPECT_EQ(request_body(facts).kind, BodyKind::Unknown);
  EXPECT_EQ(response_body(facts, 200, true).kind, BodyKind::Unknown);
}

}  // namespace
}  // namespace suture::http1
