#include "load/shedder.h"

#include <algorithm>

namespace suture {
namespace {

constexpr double kReserve = 0.25;      // share of the host that stays idle where it can: idle time of one processor is no room on another
constexpr double kNone = kReserve / 3; // less is no idle time: what the agent uses, it takes from others
constexpr double kBrake = 3;           // missing idle time counts so many times: who is slowed down waits a second otherwise
constexpr double kSlack = 0.8;         // below this part of what is allowed, more is reported
constexpr double kMostRise = 1.25;     // by window: a rise that proves too much is corrected within the next
constexpr double kLeast = 1.0 / 1024;  // some exchanges are always reported: what the agent costs is known by them

}  // namespace

std::uint32_t Shedder::next(const HostLoad::Window& window) {
  const double idle = (window.idle + last_idle_) / 2;
  last_idle_ = window.idle;
  const double spare = (idle < kReserve ? kBrake : 1) * (idle - kReserve);
  const double allowed = idle < kNone ? budget_ : std::max(budget_, window.own + spare);
  if (settling_) {  // batches of before the last step are still on their way out
    settling_ = false;
  } else if (window.own > allowed) {
    keep_ = std::max(kLeast, keep_ * allowed / window.own);
    settling_ = true;
  } else if (window.own < kSlack * allowed) {
    keep_ = std::min(1.0, keep_ * std::min(kMostRise, allowed / std::max(window.own, kLeast)));
  }
  constexpr double kAll = 4294967296.0;  // 2^32
  return keep_ >= 1 ? UINT32_MAX : static_cast<std::uint32_t>(keep_ * kAll);
}

}  // namespace suture
