#include "sampling/route_times.h"

#include <algorithm>
#include <bit>

namespace suture {

/// The position of the highest bit, and the three bits behind it.
std::size_t RouteTimes::bucket_of(std::uint64_t duration_ns) {
  const auto bit = static_cast<int>(std::bit_width(duration_ns | 1)) - 1;
  if (bit < kFirstBit) return 0;
  const auto bucket = static_cast<std::size_t>((bit - kFirstBit) * 8) + ((duration_ns >> (bit - 3)) & 7);
  return std::min<std::size_t>(bucket, kBuckets - 1);
}

bool RouteTimes::is_slow(std::uint64_t route_id, std::uint64_t duration_ns) {
  Route& route = routes_[route_id];
  const std::size_t bucket = bucket_of(duration_ns);
  std::uint32_t not_faster = 0;
  for (std::size_t i = bucket; i < kBuckets; ++i) not_faster += route.count[i];
  // At most one in a hundred took about as long or longer.
  const bool slow = route.total >= kEnough && not_faster <= route.total / 100;
  ++route.count[bucket];
  if (++route.total >= kMost) {
    route.total = 0;
    for (std::uint16_t& count : route.count) route.total += count /= 2;
  }
  return slow;
}

}  // namespace suture
