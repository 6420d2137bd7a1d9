#pragma once
// RedisConnection: one connection to a Redis, over TCP or TLS. libcurl connects and moves bytes, hiredis writes and reads the
// protocol (Debian 12's hiredis, 0.14, has no TLS). Used by one thread, and blocks it no longer than the deadline.

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "edges/redis_address.h"

namespace suture {

struct RedisReply {
  enum class Kind { Text, Nil, Error, Other };
  Kind kind = Kind::Other;
  std::string text;  // of Text and Error
};

using RedisWords = std::vector<std::string_view>;  // of one command

class RedisConnection {
 public:
  using Clock = std::chrono::steady_clock;

  /// Connects, and says who we are. Errors are sentences without the password.
  static Result<RedisConnection> open(const RedisAddress& address, Clock::time_point deadline);
  ~RedisConnection();
  RedisConnection(RedisConnection&&) noexcept;
  RedisConnection& operator=(RedisConnection&&) noexcept;

  /// Sends all commands in one go, and reads as many replies, in their order. After an error the connection is of no more use.
  Result<std::vector<RedisReply>> exchange(const std::vector<RedisWords>& commands, Clock::time_point deadline);

 private:
  struct Handles;
  explicit RedisConnection(std::unique_ptr<Handles> handles);

  Status send(std::string_view bytes, Clock::time_point deadline);
  Status greet(const RedisAddress& address, Clock::time_point deadline);

  std::unique_ptr<Handles> handles_;
};

}  // namespace suture
