#pragma once
// Which kernel this is, for what no attach can tell.

#include <string_view>

namespace suture {

/// True if `release` (of uname(2)) is `major.minor` or later; a release that is no number is old.
bool kernel_is(std::string_view release, int major, int minor);

}  // namespace suture
