#include "base/kernel_version.h"

#include <charconv>
#include <utility>

namespace suture {
namespace {

/// "6.18.4-arch1" -> 6, 18; zeros for what is no number.
std::pair<int, int> version_of(std::string_view release) {
  int major = 0, minor = 0;
  const char* end = release.data() + release.size();
  const auto [dot, error] = std::from_chars(release.data(), end, major);
  if (error == std::errc() && dot != end && *dot == '.') std::from_chars(dot + 1, end, minor);
  return {major, minor};
}

}  // namespace

bool kernel_is(std::string_view release, int major, int minor) {
  return version_of(release) >= std::pair(major, minor);
}

}  // namespace suture
