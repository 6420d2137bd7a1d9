#pragma once
// A service that is asked and asks others, for tests of what is written because of that.

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstring>
#include <string>

#include "child.h"
#include "talk.h"
#include "trace/id_key.h"
#include "wire/trace.h"

namespace suture::kernel_test {

inline constexpr IdKey kKey{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
inline const std::string kAnswer = "HTTP/1.1 204 No Content\r\n\r\n";
inline constexpr const char* kContext = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n";

inline std::string request_with(const std::string& fields) { return "GET /a HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n"; }

inline trace_settings settings_with(const IdKey& key) {
  trace_settings settings{};
  std::memcpy(settings.id_key, key.bytes.data(), sizeof(settings.id_key));
  return settings;
}

/// A service that has been asked, and asks others.
class Service {
 public:
  explicit Service(const std::string& request) : listener_(listen_on_loopback(AF_INET, address_, size_)) {
    const Talk first = asked();  // shows that HTTP is spoken there
    pass(first.client.get(), first.server.get(), request_with(""));
    pass(first.server.get(), first.client.get(), kAnswer);
    is_asked(request);
  }
  /// By somebody new.
  void is_asked(const std::string& request) {
    caller_ = Talk();
    pass(caller_.client.get(), caller_.server.get(), request);
  }
  Talk asked() const {
    Talk talk(listener_.get(), address_, size_);
    return talk;
  }
  /// The socket is there once the request is: the segment that ends the handshake without one is dropped, as if it had been lost.
  void is_asked_at_once(const std::string& request) const {
    const int second = 1;
    need(::setsockopt(listener_.get(), IPPROTO_TCP, TCP_DEFER_ACCEPT, &second, sizeof(second)) == 0, "TCP_DEFER_ACCEPT");
    const Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    need(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address_), size_) == 0, "connect");
    send_all(client.get(), request);
    const Fd server(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    need(receive(server.get(), request.size()) == request, "nothing is changed");
  }
  /// Not read: its reader is the same thread, and would work on something else then.
  void answer() { send_all(caller_.server.get(), kAnswer); }

 private:
  sockaddr_storage address_{};
  socklen_t size_ = 0;
  Fd listener_;
  Talk caller_;
};

}  // namespace suture::kernel_test
