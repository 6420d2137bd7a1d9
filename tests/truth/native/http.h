// The little HTTP/1.1 that load, downstream and the native services need. IPv4 loopback only.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace truth {

inline sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

inline void send_at_once(int fd) {
  const int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

/// A connected socket, or -1.
inline int connect_to(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) return -1;
  send_at_once(fd);
  return fd;
}

/// A listening socket; `port` 0 takes a free one. -1 if it is taken.
inline int listen_on(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int one = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
  const sockaddr_in address = loopback(port);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 || listen(fd, 1024) != 0) return -1;
  return fd;
}

inline int port_of(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

/// The bytes of the first whole message in `data`, 0 while it is not there yet. Requests have no body here.
inline std::size_t message_size(std::string_view data) {
  const std::size_t head = data.find("\r\n\r\n");
  if (head == std::string_view::npos) return 0;
  std::string fields(data.substr(0, head));
  for (char& c : fields) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
  std::size_t body = 0;
  if (const std::size_t field = fields.find("\r\ncontent-length:"); field != std::string::npos) {
    const std::size_t digits = fields.find_first_of("0123456789", field);
    std::from_chars(fields.data() + digits, fields.data() + fields.size(), body);
  } else if (fields.find("\r\ntransfer-encoding: chunked") != std::string::npos) {
    const std::size_t last = data.find("0\r\n\r\n", head);  // bodies here are digits and "ok": no chunk looks like this
    return last == std::string_view::npos ? 0 : last + 5;
  }
  return data.size() >= head + 4 + body ? head + 4 + body : 0;
}

}  // namespace truth
