#pragma once
// RouteTimes: how long the requests of each route take, to tell those that take longer than 99 of 100 do.

#include <array>
#include <cstdint>

#include "sampling/fixed_table.h"

namespace suture {

class RouteTimes {
 public:
  RouteTimes() : routes_(kRoutes) {}

  /// Whether this one took longer than the route's 99th percentile so far; then it counts itself. False until the route
  /// is known well enough.
  bool is_slow(std::uint64_t route, std::uint64_t duration_ns);

 private:
  static constexpr std::size_t kRoutes = 1024;  // some 540 KB in all; hosts with more routes forget those least in use
  static constexpr std::uint32_t kEnough = 200; // requests before a 99th percentile means anything
  // Then all counts are halved: what was slow weeks ago fades, and a route that became slower is soon compared with itself.
  static constexpr std::uint32_t kMost = 20'000;
  // Eight buckets for each doubling, each 9 % wide, from 1 us to an hour; what is outside falls into the first or last.
  static constexpr int kFirstBit = 10, kBuckets = 256;

  struct Route {
    std::array<std::uint16_t, kBuckets> count{};
    std::uint32_t total = 0;
  };

  static std::size_t bucket_of(std::uint64_t duration_ns);

  FixedTable<Route> routes_;
};

}  // namespace suture
