#pragma once
// RedisAddress: where a Redis or Valkey listens, from its URL (www.iana.org/assignments/uri-schemes/prov/redis and rediss).

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace suture {

struct RedisAddress {
  std::string host;  // an IPv6 address without brackets
  std::uint16_t port = 6379;
  std::string user, password;  // "": none
  unsigned database = 0;
  bool tls = false;
  std::string ca_file;  // PEM; "": the system's

  /// Without user and password: what may be shown.
  std::string shown() const;
};

/// `text`: redis://[[user][:password]@]host[:port][/database], or rediss:// for TLS; user and password percent-encoded.
Result<RedisAddress> redis_address_from(std::string_view text);

}  // namespace suture
