#pragma once
// Percentages in rules.

#include <optional>
#include <string_view>

namespace suture {

/// Takes "1%" or "0.5 %" off the front of `text`: a share from 0 to 1. Nothing, and `text` as it was: no number from 0 to
/// 100, or no % behind it.
std::optional<double> take_percentage(std::string_view& text);

}  // namespace suture
