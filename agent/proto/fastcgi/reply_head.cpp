#include "proto/fastcgi/reply_head.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "proto/http1/characters.h"

namespace suture::fastcgi {

std::size_t ReplyHead::feed(std::string_view bytes) {
  std::size_t taken = 0;
  while (!complete_ && taken < bytes.size()) {
    const std::string_view rest = bytes.substr(taken);
    const std::size_t lf = rest.find('\n');
    const std::string_view part = rest.substr(0, lf);
    const std::size_t kept = std::min<std::size_t>(size_, line_.size());
    std::memcpy(line_.data() + kept, part.data(), std::min(part.size(), line_.size() - kept));
    size_ = static_cast<std::uint32_t>(std::min<std::size_t>(size_ + part.size(), UINT16_MAX));
    taken += part.size();
    if (lf == std::string_view::npos) break;
    ++taken;
    end_line();
  }
  return taken;
}

void ReplyHead::end_line() {
  std::string_view line(line_.data(), std::min<std::size_t>(size_, line_.size()));
  size_ = 0;
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (line.empty()) {
    complete_ = true;
    return;
  }
  const std::size_t colon = std::min(line.find(':'), line.size());
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = http1::trim(line.substr(std::min(colon + 1, line.size())));
  if (http1::equals(name, "status")) {
    has_status_ = true;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), status_);
    const bool over = error == std::errc{} && (end == value.data() + value.size() || *end == ' ');
    if (!over || status_ < 100 || status_ > 999) status_ = 0;
  } else if (http1::equals(name, "location")) {
    (value.starts_with('/') ? local_ : elsewhere_) = true;
  }
}

std::uint16_t ReplyHead::status() const {
  if (has_status_) return status_;
  if (!complete_ || local_) return 0;
  return elsewhere_ ? 302 : 200;
}

}  // namespace suture::fastcgi
