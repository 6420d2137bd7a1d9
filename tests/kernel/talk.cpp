#include "talk.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "child.h"

namespace suture::kernel_test {
namespace {

std::uint16_t port_of(const sockaddr_storage& address) {
  // sin_port and sin6_port lie at the same place
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

}  // namespace

Fd listen_on_loopback(int family, sockaddr_storage& address, socklen_t& size) {
  address = {};
  if (family == AF_INET6) {
    auto* in6 = reinterpret_cast<sockaddr_in6*>(&address);
    in6->sin6_family = AF_INET6;
    in6->sin6_addr = in6addr_loopback;
    size = sizeof(*in6);
  } else {
    auto* in = reinterpret_cast<sockaddr_in*>(&address);
    in->sin_family = AF_INET;
    in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    size = sizeof(*in);
  }
  Fd listener(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  need(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size) == 0, "bind");
  need(::listen(listener.get(), 8) == 0, "listen");
  need(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0, "getsockname");
  return listener;
}

Talk::Talk(int family) {
  sockaddr_storage address;
  socklen_t size = 0;
  const Fd listener = listen_on_loopback(family, address, size);
  *this = Talk(listener.get(), address, size);
}

Talk::Talk(int listener, const sockaddr_storage& address, socklen_t size) : server_port(port_of(address)) {
  client = Fd(::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  need(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0, "connect");
  sockaddr_storage peer{};
  server = Fd(::accept4(listener, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_CLOEXEC));
  need(server.valid(), "accept");
  client_port = port_of(peer);
}

void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    need(n > 0, "write");
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void send_parts(int fd, const std::vector<std::string>& parts) {
  std::vector<iovec> vector;
  std::size_t total = 0;
  for (const std::string& part : parts) {
    vector.push_back({const_cast<char*>(part.data()), part.size()});
    total += part.size();
  }
  need(::writev(fd, vector.data(), static_cast<int>(vector.size())) == static_cast<ssize_t>(total), "writev");
}

std::string receive(int fd, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    const ssize_t n = ::read(fd, bytes.data() + have, size - have);
    need(n > 0, "read");
    have += static_cast<std::size_t>(n);
  }
  return bytes;
}

std::string receive_to_end(int fd) {
  std::string bytes;
  char buffer[4096];
  for (ssize_t n; (n = ::read(fd, buffer, sizeof(buffer))) != 0;) {
    need(n > 0, "read to the end");
    bytes.append(buffer, static_cast<std::size_t>(n));
  }
  return bytes;
}

}  // namespace suture::kernel_test
