#include "trace/requested_server.h"

#include <gtest/gtest.h>

#include "http_builder.h"

namespace suture {
namespace {

std::string peer_of(std::string_view target, std::string_view host, const Endpoints& endpoints) {
  const HttpRequest request = request_of("GET " + std::string(target) + " HTTP/1.1\r\n" + std::string(host) + "\r\n");
  return peer_name(request, parse_request_target("GET", request.target.in(request.head)), endpoints);
}

Endpoints to(std::uint16_t port) {
  Endpoints endpoints;
  endpoints.family = AddressFamily::Inet;
  endpoints.remote = {10, 0, 0, 7};
  endpoints.remote_port = port;
  return endpoints;
}

TEST(PeerName, IsTheNameThatIsAskedForWhereItMayBeThePeers) {
  EXPECT_EQ(peer_of("http://stock:81/a", "Host: proxy:3128\r\n", to(3128)), "stock:81");
  EXPECT_EQ(peer_of("/a", "Host: stock:8080\r\n", to(8080)), "stock:8080");
  EXPECT_EQ(peer_of("/a", "Host: stock\r\n", to(80)), "stock:80");
}

TEST(PeerName, IsTheAddressElse) {
  EXPECT_EQ(peer_of("/a", "Host: shop.example\r\n", to(8080)), "10.0.0.7:8080");
  EXPECT_EQ(peer_of("/a", "", to(8080)), "10.0.0.7:8080");
  Endpoints six;
  six.family = AddressFamily::Inet6;
  six.remote[15] = 1;
  six.remote_port = 8080;
  EXPECT_EQ(peer_of("/a", "", six), "[::1]:8080");
  const std::string path = "/run/stock.sock";
  Endpoints unix_socket;
  unix_socket.family = AddressFamily::Unix;
  unix_socket.remote_path = &path;
  EXPECT_EQ(peer_of("/a", "Host: stock\r\n", unix_socket), "/run/stock.sock");
}

}  // namespace
}  // namespace suture
