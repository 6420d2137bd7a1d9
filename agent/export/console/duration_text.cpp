#include "export/console/duration_text.h"

#include <algorithm>

namespace suture {
namespace {

/// `ns` in a unit, with one decimal below 100. Rounded down: 999.96 µs must not become 1000.0 µs.
std::string in_unit(std::int64_t ns, std::int64_t unit_ns, const char* unit) {
  const std::int64_t tenths = ns / (unit_ns / 10);
  std::string text = std::to_string(tenths / 10);
  if (tenths < 1000) text += "." + std::to_string(tenths % 10);
  return text + " " + unit;
}

}  // namespace

std::string duration_text(std::int64_t ns) {
  constexpr std::int64_t kMicro = 1'000;
  constexpr std::int64_t kMilli = 1'000'000;
  constexpr std::int64_t kSecond = 1'000'000'000;
  ns = std::max<std::int64_t>(ns, 0);
  if (ns < kMicro) return std::to_string(ns) + " ns";
  if (ns < kMilli) return in_unit(ns, kMicro, "µs");
  if (ns < kSecond) return in_unit(ns, kMilli, "ms");
  if (ns < 60 * kSecond) return in_unit(ns, kSecond, "s");
  return std::to_string(ns / (60 * kSecond)) + " min " + std::to_string(ns / kSecond % 60) + " s";
}

}  // namespace suture
