#pragma once
// RedisClient: commands with one key each, in batches, to a Redis or to a Redis Cluster, whose servers say by MOVED which of them
// has a key's slot: that is remembered, and the command sent again. Connects when it must. Used by one thread.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "edges/redis_address.h"
#include "edges/redis_connection.h"
#include "edges/redis_slot.h"

namespace suture {

struct RedisCommand {
  RedisWords words;  // the second is the key; they outlive the call
};

class RedisClient {
 public:
  using Clock = RedisConnection::Clock;

  explicit RedisClient(RedisAddress address) : address_(std::move(address)) {}

  /// The reply to each command, or nothing where its server could not be asked before the deadline: last_error() then says why.
  std::vector<std::optional<RedisReply>> perform(const std::vector<RedisCommand>& commands, Clock::time_point deadline);
  const std::string& last_error() const { return last_error_; }

 private:
  using Node = std::pair<std::string, std::uint16_t>;  // host and port
  using Replies = std::vector<std::optional<RedisReply>>;

  RedisConnection* connection_to(const Node& node, Clock::time_point deadline);
  void ask(const Node& node, const std::vector<RedisCommand>& commands, const std::vector<std::size_t>& which, Clock::time_point deadline, Replies& replies);
  void lose(const Node& node);
  bool learn(const RedisReply& reply);
  Node node_of(std::string_view key) const;

  const RedisAddress address_;
  std::map<Node, RedisConnection> connections_;
  std::map<std::uint16_t, Node> slots_;  // of a cluster; empty: all are the first server's
  std::string last_error_;
};

}  // namespace suture
