#pragma once
// FastCGI records as text, for tests to send: begin(1) + params(1, {...}) + ...

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace suture::fastcgi {

inline std::string record(std::uint8_t type, std::uint16_t id, std::string_view content, std::uint8_t padding = 0) {
  const std::size_t size = content.size();
  std::string out{1, static_cast<char>(type), static_cast<char>(id >> 8), static_cast<char>(id), static_cast<char>(size >> 8),
                  static_cast<char>(size), static_cast<char>(padding), 0};
  out += content;
  return out.append(padding, '~');
}

inline std::string begin(std::uint16_t id, bool keep = true, std::uint8_t role = 1) {
  return record(1, id, std::string{0, static_cast<char>(role), static_cast<char>(keep), 0, 0, 0, 0, 0});
}

inline std::string length(std::size_t size, bool wide = false) {
  if (size < 0x80 && !wide) return std::string(1, static_cast<char>(size));
  return {static_cast<char>(size >> 24 | 0x80), static_cast<char>(size >> 16), static_cast<char>(size >> 8), static_cast<char>(size)};
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// `wide`: all lengths in four bytes.
inline std::string pairs(const Pairs& pairs, bool wide = false) {
  std::string out;
  for (const auto& [name, value] : pairs) out += length(name.size(), wide) + length(value.size(), wide) + name + value;
  return out;
}

/// A whole head: BEGIN_REQUEST, PARAMS in records of at most `cut` bytes, the empty PARAMS.
inline std::string head(std::uint16_t id, const Pairs& what, std::size_t cut = 65535, std::uint8_t padding = 0) {
  std::string out = begin(id);
  const std::string content = pairs(what);
  for (std::size_t at = 0; at < content.size(); at += cut) out += record(4, id, std::string_view(content).substr(at, cut), padding);
  return out + record(4, id, "");
}

inline Pairs get(const std::string& uri) { return {{"REQUEST_METHOD", "GET"}, {"REQUEST_URI", uri}}; }

inline std::string no_body(std::uint16_t id) { return record(5, id, ""); }
inline std::string output(std::uint16_t id, std::string_view text, std::uint8_t padding = 0) { return record(6, id, text, padding); }
inline std::string error(std::uint16_t id, std::string_view text) { return record(7, id, text); }
inline std::string end(std::uint16_t id, std::uint8_t status = 0) { return record(3, id, std::string{0, 0, 0, 0, static_cast<char>(status), 0, 0, 0}); }

}  // namespace suture::fastcgi
