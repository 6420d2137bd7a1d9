#pragma once
// BoundedText: an attribute's text, composed on the stack and never longer than an attribute may be.

#include <array>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace suture {

/// Longest text of one attribute. Servers refuse longer request targets (nginx, Apache and Node stop at 8 KiB), so what
/// is cut here was hostile.
inline constexpr std::size_t kAttributeTextLimitBytes = 8192;

/// The start of `text`, cut where no UTF-8 character is split.
inline std::string_view cut_text(std::string_view text, std::size_t limit = kAttributeTextLimitBytes) {
  if (text.size() <= limit) return text;
  std::size_t end = limit;
  // A character has at most three continuation bytes (10xxxxxx, RFC 3629 section 3).
  for (int i = 0; i < 3 && end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80; ++i) --end;
  return text.substr(0, end);
}

class BoundedText {
 public:
  void append(std::string_view text) {
    if (full_) return;
    const std::string_view fits = cut_text(text, bytes_.size() - size_);
    full_ = fits.size() < text.size();
    if (!fits.empty()) std::memcpy(bytes_.data() + size_, fits.data(), fits.size());
    size_ += fits.size();
  }
  std::string_view view() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, kAttributeTextLimitBytes> bytes_;
  std::size_t size_ = 0;
  bool full_ = false;  // something did not fit: what follows would stand in the wrong place
};

}  // namespace suture
