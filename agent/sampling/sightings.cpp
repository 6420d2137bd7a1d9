#include "sampling/sightings.h"

namespace suture {

bool Sightings::is_rare(std::uint64_t what, std::uint64_t now_ns) {
  Count& count = seen_[what];
  const std::uint64_t window = now_ns / kWindowNs;
  if (count.window != window) {
    count.before = count.window + 1 == window ? count.now : 0;
    count.now = 0;
    count.window = window;
  }
  const bool rare = count.now + count.before < kRare;
  if (count.now < kRare) ++count.now;
  return rare;
}

}  // namespace suture
