#include "http_server/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <charconv>
#include <cstring>

namespace suture {
namespace {

bool read_port(std::string_view text, std::uint16_t& port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

Result<ListenAddress> listen_address_from(std::string_view source, std::string_view text) {
  const Error wrong{std::string(source) + " " + std::string(text) + ": no address to listen at. Write ADDRESS:PORT in numbers, e.g. 127.0.0.1:4318 or [::1]:4318."};
  const std::size_t colon = text.rfind(':');
  std::uint16_t port = 0;
  if (colon == std::string_view::npos || !read_port(text.substr(colon + 1), port)) return wrong;
  std::string host(text.substr(0, colon));
  ListenAddress address;
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    sockaddr_in6 ipv6{};
    ipv6.sin6_family = AF_INET6;
    ipv6.sin6_port = htons(port);
    if (::inet_pton(AF_INET6, host.c_str(), &ipv6.sin6_addr) != 1) return wrong;
    std::memcpy(&address.socket, &ipv6, sizeof(ipv6));
    address.bytes = sizeof(ipv6);
    return address;
  }
  sockaddr_in ipv4{};
  ipv4.sin_family = AF_INET;
  ipv4.sin_port = htons(port);
  if (::inet_pton(AF_INET, host.c_str(), &ipv4.sin_addr) != 1) return wrong;
  std::memcpy(&address.socket, &ipv4, sizeof(ipv4));
  address.bytes = sizeof(ipv4);
  return address;
}

}  // namespace suture
