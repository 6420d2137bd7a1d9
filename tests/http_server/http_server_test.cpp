// The agent's HTTP server over real sockets: whole requests in, answers out, and nobody who misbehaves costs others anything.
#include "http_server/http_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/fd.h"

namespace suture {
namespace {

/// Answers with what it was asked.
HttpServer::Response echo(HttpServer::Request&& request) {
  return {.status = 200,
          .content_type = "text/plain",
          .body = std::string(request.method) + " " + std::string(request.path) + " " + std::string(request.header("X-Name")) + " " + request.body,
          .headers = {{"X-Port", std::to_string(request.peer_port)}}};
}

class Client {
 public:
  explicit Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval patience{.tv_sec = 10, .tv_usec = 0};  // a server that hangs fails the test instead of hanging it
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }
  void send(std::string_view text) { ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL); }
  /// Until `end` was read, or the server closed.
  std::string read_until(std::string_view end) {
    std::string text;
    char piece[4096];
    while (text.find(end) == std::string::npos) {
      const ssize_t bytes = ::recv(fd_.get(), piece, sizeof(piece), 0);
      if (bytes <= 0) break;
      text.append(piece, static_cast<std::size_t>(bytes));
    }
    return text;
  }
  std::uint16_t port() const {
    sockaddr_in address{};
    socklen_t bytes = sizeof(address);
    ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &bytes);
    return ntohs(address.sin_port);
  }

 private:
  Fd fd_;
};

std::unique_ptr<HttpServer> server(HttpServer::Limits limits = {}) {
  Result<std::unique_ptr<HttpServer>> made = HttpServer::listen("--listen", "127.0.0.1:0", limits, echo);
  EXPECT_TRUE(made) << made.error();
  return std::move(made).value();
}

TEST(HttpServer, AnswersRequestsOfOneConnectionInOrder) {
  const auto it = server();
  Client client(it->port());
  client.send("POST /a%20b?q=1 HTTP/1.1\r\nHost: x\r\nx-name: Ann\r\nContent-Length: 5\r\n\r\nhello");
  const std::string first = client.read_until("POST /a b Ann hello");
  EXPECT_NE(first.find("HTTP/1.1 200"), std::string::npos) << first;
  EXPECT_NE(first.find("POST /a b Ann hello"), std::string::npos) << first;
  EXPECT_NE(first.find("X-Port: " + std::to_string(client.port())), std::string::npos) << first;
  client.send("PUT /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
  EXPECT_NE(client.read_until("PUT /c  abcdefg").find("PUT /c  abcdefg"), std::string::npos);
}

TEST(HttpServer, ListensOnIpv6) {
  Result<std::unique_ptr<HttpServer>> made = HttpServer::listen("--listen", "[::1]:0", {}, echo);
  ASSERT_TRUE(made) << made.error();
  EXPECT_NE((*made)->port(), 0);
}

TEST(HttpServer, ABodyThatIsTooLargeIsRefused) {
  const auto it = server({.body_bytes = 10});
  Client announced(it->port());
  announced.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n");
  EXPECT_NE(announced.read_until("\r\n\r\n").find("HTTP/1.1 413"), std::string::npos);
  Client chunked(it->port());
  chunked.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n0123456789a\r\n0\r\n\r\n");
  EXPECT_NE(chunked.read_until("\r\n\r\n").find("HTTP/1.1 413"), std::string::npos);
  Client fits(it->port());
  fits.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789");
  EXPECT_NE(fits.read_until("0123456789").find("HTTP/1.1 200"), std::string::npos);
}

TEST(HttpServer, BodiesOfAllRequestsTogetherAreBounded) {
  const auto it = server({.body_bytes = 10, .bodies_bytes = 15});
  Client waiting(it->port());
  waiting.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n");
  ASSERT_NE(waiting.read_until("100 Continue\r\n\r\n").find("100 Continue"), std::string::npos);
  waiting.send("012345678");
  Client other(it->port());
  // Both requests' bodies were read when the second is answered: the server has one thread, and reads in order of arrival.
  std::string answered;
  for (int i = 0; i < 100 && answered.find("503") == std::string::npos; ++i) {
    other.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789");
    answered = other.read_until("\r\n\r\n");
  }
  EXPECT_NE(answered.find("HTTP/1.1 503"), std::string::npos) << answered;
  EXPECT_NE(answered.find("Retry-After: 1"), std::string::npos) << answered;
  waiting.send("9");
  EXPECT_NE(waiting.read_until("0123456789").find("HTTP/1.1 200"), std::string::npos);
  Client after(it->port());
  after.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789");
  EXPECT_NE(after.read_until("0123456789").find("HTTP/1.1 200"), std::string::npos);
}

TEST(HttpServer, WhatIsNoHttpIsABadRequest) {
  const auto it = server();
  for (const char* garbage : {"\x16\x03\x01\x02 \x01 \xfc\r\n\r\n", "GET / HTTX\r\n\r\n", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n"}) {
    Client client(it->port());
    client.send(garbage);
    EXPECT_NE(client.read_until("\r\n\r\n").find(" 400 "), std::string::npos) << garbage;
  }
}

TEST(HttpServer, WhoIsSlowHoldsNobodyUp) {
  const auto it = server();
  Client head(it->port()), body(it->port());
  head.send("POST / HT");
  body.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe");
  Client quick(it->port());
  quick.send("GET /quick HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(quick.read_until("GET /quick").find("HTTP/1.1 200"), std::string::npos);
  body.send("llo");
  EXPECT_NE(body.read_until("hello").find("HTTP/1.1 200"), std::string::npos);
}

TEST(HttpServer, WhoSaysNothingIsSentAway) {
  const auto it = server({.idle = std::chrono::seconds(1)});
  Client client(it->port());
  client.send("POST / HT");
  EXPECT_EQ(client.read_until("\r\n\r\n").find(" 200 "), std::string::npos);  // read_until returns: the server has closed
}

TEST(HttpServer, SaysWhyItCannotListen) {
  const auto it = server();
  const auto second = HttpServer::listen("--listen", "127.0.0.1:" + std::to_string(it->port()), {}, echo);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().find("choose another port"), std::string::npos) << second.error();
  for (const char* wrong : {"localhost:4318", "4318", "127.0.0.1:", "127.0.0.1:70000", "[::1:4318", "::1:4318"}) {
    const auto none = HttpServer::listen("--listen", wrong, {}, echo);
    ASSERT_FALSE(none) << wrong;
    EXPECT_NE(none.error().find("ADDRESS:PORT"), std::string::npos) << none.error();
  }
}

}  // namespace
}  // namespace suture
