#pragma once
// Sightings: how often something was seen lately, to tell what is rare. Time is event time.

#include <cstdint>

#include "sampling/fixed_table.h"

namespace suture {

class Sightings {
 public:
  static constexpr std::uint64_t kWindowNs = 600'000'000'000;  // ten minutes: rarer things are worth a look each time
  static constexpr std::uint32_t kRare = 10;                   // seen less often than this in a window and what ran of the next

  Sightings() : seen_(kOutcomes) {}

  /// Whether `what` was seen fewer than kRare times; then it counts this time.
  bool is_rare(std::uint64_t what, std::uint64_t now_ns);

 private:
  static constexpr std::size_t kOutcomes = 4096;  // 160 KB

  struct Count {
    std::uint64_t window = 0;
    std::uint32_t now = 0, before = 0;  // in `window`, and in the one before it
  };

  FixedTable<Count> seen_;
};

}  // namespace suture
