#pragma once
// What several tests of connections speak of.

#include <cstdint>

#include "base/ids.h"

namespace suture::test {

inline constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;
inline constexpr ProcessKey kShop{42, 7};

}  // namespace suture::test
