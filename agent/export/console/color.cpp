#include "export/console/color.h"

#include <array>

namespace suture {

bool use_color(ColorMode mode, bool is_terminal, const std::function<const char*(const char*)>& lookup) {
  if (mode != ColorMode::Auto) return mode == ColorMode::Always;
  const char* no_color = lookup("NO_COLOR");
  const char* term = lookup("TERM");
  return is_terminal && !(no_color && *no_color) && !(term && std::string_view(term) == "dumb");
}

std::string_view color_of(std::string_view service) {
  static constexpr std::array kColors = {sgr::kCyan, sgr::kGreen, sgr::kMagenta, sgr::kBlue};
  std::uint32_t hash = 2166136261u;  // FNV-1a
  for (char c : service) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return kColors[(hash >> 8) % kColors.size()];
}

}  // namespace suture
