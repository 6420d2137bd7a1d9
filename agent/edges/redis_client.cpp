#include "edges/redis_client.h"

#include <charconv>

namespace suture {
namespace {

constexpr int kRounds = 3;                 // a slot that moves meanwhile is found in the second
constexpr std::size_t kMostServers = 1000; // as many as a cluster may have

}  // namespace

RedisClient::Node RedisClient::node_of(std::string_view key) const {
  const Node first{address_.host, address_.port};
  if (slots_.empty()) return first;
  const auto slot = slots_.find(redis_slot_of(key));
  return slot == slots_.end() ? first : slot->second;
}

/// "MOVED 3999 127.0.0.1:6381": true, the command is to be sent again. Without a host it is the one that answered, which in
/// our case is the first.
bool RedisClient::learn(const RedisReply& reply) {
  constexpr std::string_view kMoved = "MOVED ";
  std::string_view text = reply.text;
  if (reply.kind != RedisReply::Kind::Error || !text.starts_with(kMoved)) return false;
  text.remove_prefix(kMoved.size());
  const std::size_t space = text.find(' '), colon = text.rfind(':');
  if (space == std::string_view::npos || colon == std::string_view::npos || colon < space) return false;
  std::uint16_t slot = 0, port = 0;
  const auto read = [](std::string_view digits, std::uint16_t& number) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return error == std::errc() && end == digits.data() + digits.size();
  };
  if (!read(text.substr(0, space), slot) || slot >= kRedisSlots || !read(text.substr(colon + 1), port)) return false;
  const std::string_view host = text.substr(space + 1, colon - space - 1);
  slots_[slot] = Node(host.empty() ? address_.host : std::string(host), port);
  return true;
}

RedisConnection* RedisClient::connection_to(const Node& node, Clock::time_point deadline) {
  if (const auto known = connections_.find(node); known != connections_.end()) return &known->second;
  if (connections_.size() >= kMostServers) connections_.clear();
  RedisAddress address = address_;
  address.host = node.first;
  address.port = node.second;
  Result<RedisConnection> opened = RedisConnection::open(address, deadline);
  if (opened) return &connections_.emplace(node, std::move(opened).value()).first->second;
  last_error_ = opened.error();
  lose(node);
  return nullptr;
}

/// Its slots are asked for at the first server again.
void RedisClient::lose(const Node& node) {
  connections_.erase(node);
  std::erase_if(slots_, [&](const auto& slot) { return slot.second == node; });
}

void RedisClient::ask(const Node& node, const std::vector<RedisCommand>& commands, const std::vector<std::size_t>& which, Clock::time_point deadline,
                      Replies& replies) {
  RedisConnection* const connection = connection_to(node, deadline);
  if (connection == nullptr) return;
  std::vector<RedisWords> words;
  words.reserve(which.size());
  for (std::size_t index : which) words.push_back(commands[index].words);
  Result<std::vector<RedisReply>> answers = connection->exchange(words, deadline);
  if (!answers) {
    last_error_ = answers.error();
    return lose(node);
  }
  for (std::size_t i = 0; i < which.size(); ++i) replies[which[i]] = std::move((*answers)[i]);
}

std::vector<std::optional<RedisReply>> RedisClient::perform(const std::vector<RedisCommand>& commands, Clock::time_point deadline) {
  Replies replies(commands.size());
  std::vector<std::size_t> open(commands.size());
  for (std::size_t i = 0; i < open.size(); ++i) open[i] = i;
  for (int round = 0; round < kRounds && !open.empty(); ++round) {
    std::map<Node, std::vector<std::size_t>> by_node;
    for (std::size_t index : open) by_node[node_of(commands[index].words[1])].push_back(index);
    for (const auto& [node, which] : by_node) ask(node, commands, which, deadline, replies);
    std::erase_if(open, [&](std::size_t index) { return !replies[index] || !learn(*replies[index]); });
  }
  return replies;
}

}  // namespace suture
