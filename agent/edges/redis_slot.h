#pragma once
// The slot of a key in a Redis Cluster (redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec, "Key distribution model").

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace suture {

inline constexpr std::size_t kRedisSlots = 16'384;

/// CRC16/XMODEM of the key, modulo the number of slots. Of keys without {hash tags}, as ours are.
std::uint16_t redis_slot_of(std::string_view key);

}  // namespace suture
