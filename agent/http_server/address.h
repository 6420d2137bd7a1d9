#pragma once
// ListenAddress: where a server listens, from the text that a user wrote.

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace suture {

struct ListenAddress {
  sockaddr_storage socket{};  // IPv4 or IPv6
  socklen_t bytes = 0;

  const sockaddr* generic() const { return reinterpret_cast<const sockaddr*>(&socket); }
};

/// "ADDRESS:PORT" or "[ADDRESS]:PORT", numbers only: a name would be looked up, and may mean several. `source`: the option
/// that says so, for the error. Port 0: any free one.
Result<ListenAddress> listen_address_from(std::string_view source, std::string_view text);

}  // namespace suture
