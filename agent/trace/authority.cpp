#include "trace/authority.h"

#include <algorithm>
#include <charconv>

#include "trace/ascii.h"

namespace suture {
namespace {

constexpr std::size_t kMaxHost = 255;  // RFC 1035 section 2.3.4

bool is_alphanumeric(char c) { return ascii::is_letter(c) || ascii::is_digit(c); }

bool is_name(std::string_view host) {
  if (host.empty() || host.size() > kMaxHost) return false;
  return std::all_of(host.begin(), host.end(), [](char c) {
    return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~' || c == '%';
  });
}

/// Looks like an IPv6 address, perhaps with a zone. Not a full check: it is only ever shown.
bool is_ipv6(std::string_view host) {
  if (host.size() > kMaxHost || std::count(host.begin(), host.end(), ':') < 2) return false;
  return std::all_of(host.begin(), host.end(),
                     [](char c) { return is_alphanumeric(c) || c == ':' || c == '.' || c == '%'; });
}

/// Splits "[v6]rest"; false if there is no such literal.
bool take_bracketed(std::string_view text, std::string_view& host, std::string_view& rest) {
  const std::size_t close = text.find(']');
  if (text.empty() || text[0] != '[' || close == std::string_view::npos) return false;
  host = text.substr(1, close - 1);
  rest = text.substr(close + 1);
  return is_ipv6(host);
}

/// ":port", ":" or "".
bool read_port(std::string_view text, std::uint16_t& port) {
  if (text.empty()) return true;
  if (text[0] != ':') return false;
  text.remove_prefix(1);
  if (text.empty()) return true;  // RFC 3986 3.2.3: "host:" means the default port
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() && port != 0;
}

}  // namespace

std::optional<Authority> parse_authority(std::string_view text) {
  Authority authority{text, {}, 0};
  std::string_view port;
  if (!take_bracketed(text, authority.host, port)) {
    const std::size_t colon = text.find(':');
    authority.host = text.substr(0, colon);
    if (!is_name(authority.host)) return std::nullopt;
    if (colon != std::string_view::npos) port = text.substr(colon);
  }
  if (!read_port(port, authority.port)) return std::nullopt;
  return authority;
}

std::string_view parse_node_address(std::string_view node) {
  std::string_view host;
  std::string_view rest;
  if (take_bracketed(node, host, rest)) return host;
  if (is_ipv6(node)) return node;
  host = node.substr(0, node.find(':'));
  if (!is_name(host) || host[0] == '_' || ascii::equals_any_case(host, "unknown")) return {};
  return host;
}

}  // namespace suture
