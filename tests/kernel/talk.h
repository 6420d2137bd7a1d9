#pragma once
// Talk: both ends of a TCP connection over loopback, in the calling child.

#include <netinet/in.h>
#include <sys/uio.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"

namespace suture::kernel_test {

/// A listening socket on an ephemeral port of the loopback address of `family`.
Fd listen_on_loopback(int family, sockaddr_storage& address, socklen_t& size);

struct Talk {
  Fd client, server;
  std::uint16_t client_port = 0, server_port = 0;

  explicit Talk(int family = AF_INET);
  /// With a listening socket that stays.
  Talk(int listener, const sockaddr_storage& address, socklen_t size);
};

void send_all(int fd, std::string_view bytes);
/// By one writev of these parts, repeated for what it leaves.
void send_parts(int fd, const std::vector<std::string>& parts);
/// Reads exactly `size` bytes.
std::string receive(int fd, std::size_t size);
/// Reads until the peer's end.
std::string receive_to_end(int fd);

/// One message that goes one way and is read at the other, each by one call if it fits.
inline void pass(int from, int to, std::string_view message) {
  send_all(from, message);
  receive(to, message.size());
}

// The shortest messages.
inline constexpr std::string_view kRequest = "GET / HTTP/1.1\r\n\r\n", kResponse = "HTTP/1.1 204 No Content\r\n\r\n";

}  // namespace suture::kernel_test
