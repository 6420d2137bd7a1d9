#pragma once
// Globs: '*' is any bytes, '/' included, '?' is one byte.

#include <string_view>

namespace suture {

bool glob_matches(std::string_view glob, std::string_view text);

}  // namespace suture
