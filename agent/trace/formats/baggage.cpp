#include "trace/formats/baggage.h"

#include <algorithm>

#include "trace/ascii.h"

namespace suture {
namespace {

constexpr std::size_t kMaxMembers = 180, kMaxBytes = 8192;

bool is_token(std::string_view text) {  // RFC 7230 section 3.2.6
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return ascii::is_letter(c) || ascii::is_digit(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

/// baggage-octet of section 3.2.1.3: printable ASCII without space, quote, comma, semicolon and backslash.
bool is_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != ',' && c != ';' && c != '\\'; });
}

}  // namespace

std::string select_baggage(std::span<const std::string_view> fields, const std::vector<std::string>& keys) {
  std::string out;
  std::vector<std::string_view> taken;
  std::size_t members = 0;
  const auto wanted = [&](std::string_view key) {
    return std::any_of(keys.begin(), keys.end(), [&](const std::string& one) { return one == "*" || one == key; }) &&
           std::find(taken.begin(), taken.end(), key) == taken.end();
  };
  for (std::string_view field : fields) {
    while (!field.empty()) {
      const std::size_t end = std::min(field.find(','), field.size());
      std::string_view member = field.substr(0, end);
      field.remove_prefix(std::min(end + 1, field.size()));
      if (++members > kMaxMembers) return out;
      member = member.substr(0, member.find(';'));
      const std::size_t equals = member.find('=');
      if (equals == std::string_view::npos) continue;
      const std::string_view key = ascii::trim(member.substr(0, equals)), value = ascii::trim(member.substr(equals + 1));
      if (!is_token(key) || !is_value(value) || !wanted(key)) continue;
      if (out.size() + key.size() + value.size() + 2 > kMaxBytes) return out;
      taken.push_back(key);
      if (!out.empty()) out.push_back(',');
      out.append(key).append("=").append(value);
    }
  }
  return out;
}

}  // namespace suture
