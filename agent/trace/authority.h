#pragma once
// Authority: "host[:port]" as it stands in Host, in X-Forwarded-Host and in request targets. Hostile text: what is not
// plainly a host is refused, and the caller takes its next source.

#include <cstdint>
#include <optional>
#include <string_view>

namespace suture {

struct Authority {
  std::string_view text;   // all of it
  std::string_view host;   // IPv6 literals without their brackets
  std::uint16_t port = 0;  // 0: none was given
};

/// Takes names, IPv4 addresses and bracketed IPv6 literals (RFC 3986 section 3.2), no user information. Names are
/// letters, digits and "-._~%", what host names and percent-encoded ones are made of.
std::optional<Authority> parse_authority(std::string_view text);

/// The address in one "node" of Forwarded (RFC 7239 section 6) or one entry of X-Forwarded-For: its port is dropped,
/// and IPv6 may lack its brackets. "" for "unknown", for obfuscated names ("_hidden"), and for anything that is no
/// address.
std::string_view parse_node_address(std::string_view node);

}  // namespace suture
