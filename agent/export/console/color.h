#pragma once
// When the console is coloured, and the colours it has.

#include <cstdint>
#include <functional>
#include <string_view>

namespace suture {

enum class ColorMode : std::uint8_t { Auto, Always, Never };

/// Auto: a terminal, no NO_COLOR (set and not empty, no-color.org), TERM not "dumb". `lookup` is as std::getenv.
bool use_color(ColorMode mode, bool is_terminal, const std::function<const char*(const char*)>& lookup);

// SGR sequences (ECMA-48 8.3.117) of the 16 colours that every theme makes legible.
namespace sgr {
inline constexpr std::string_view kReset = "\x1b[0m";
inline constexpr std::string_view kBold = "\x1b[1m";
inline constexpr std::string_view kDim = "\x1b[2m";
inline constexpr std::string_view kRed = "\x1b[31m";
inline constexpr std::string_view kGreen = "\x1b[32m";
inline constexpr std::string_view kYellow = "\x1b[33m";
inline constexpr std::string_view kBlue = "\x1b[34m";
inline constexpr std::string_view kMagenta = "\x1b[35m";
inline constexpr std::string_view kCyan = "\x1b[36m";
inline constexpr std::string_view kBoldRed = "\x1b[1;31m";
}  // namespace sgr

/// A service's colour, the same in every trace and run. Never red or yellow, which mean failure.
std::string_view color_of(std::string_view service);

}  // namespace suture
