#pragma once
// A service that is asked and asks others, for tests of what is written because of that.

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
  /// Not read: its reader is the same thread, and would work on something else then.
  void answer() { send_all(caller_.server.get(), kAnswer); }

 private:
  sockaddr_storage address_{};
  socklen_t size_ = 0;
  Fd listener_;
  Talk caller_;
};

}  // namespace suture::kernel_test
