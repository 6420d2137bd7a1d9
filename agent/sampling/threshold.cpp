#include "sampling/threshold.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "trace/formats/hex.h"

namespace suture {
namespace {

constexpr int kDigits = 14;      // of 56 bits
constexpr int kPrecision = 4;    // "SDKs are recommended to use 4 digits of precision by default"
constexpr int kMostDigits = 12;  // as in the specification's algorithm

}  // namespace

Threshold threshold_of(double share) {
  if (!(share > 0)) return kNever;
  if (share >= 1) return kCertain;
  int exponent = 0;
  (void)std::frexp(share, &exponent);
  const int digits = std::min(kPrecision + -exponent / 4, kMostDigits);  // those of leading fs do not count
  const auto unit = Threshold{1} << (4 * (kDigits - digits));
  const double rejected = std::ldexp(1.0 - share, 4 * digits);  // exact: at most 48 of the 53 bits are before the point
  return std::min(static_cast<Threshold>(std::floor(rejected + 0.5)) * unit, kNever - unit);
}

std::string th_of(Threshold threshold) {
  std::string th = fmt::format("{:014x}", threshold);
  th.resize(std::max<std::size_t>(th.find_last_not_of('0') + 1, 1));
  return th;
}

Threshold threshold_from(std::string_view th) {
  if (th.empty() || th.size() > kDigits) return kNever;
  Threshold threshold = 0;
  for (const char c : th) {
    const int digit = hex_digit(c);
    if (digit < 0) return kNever;
    threshold = threshold << 4 | static_cast<Threshold>(digit);
  }
  return threshold << (4 * (kDigits - static_cast<int>(th.size())));
}

std::uint64_t randomness_of(const TraceId& id) {
  std::uint64_t randomness = 0;
  for (std::size_t i = 9; i < id.bytes.size(); ++i) randomness = randomness << 8 | id.bytes[i];
  return randomness;
}

}  // namespace suture
