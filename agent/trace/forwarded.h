#pragma once
// What proxies say about the original request: Forwarded (RFC 7239) and the older X-Forwarded-* lists. Both are written
// left to right from the client on, so the first mention is the origin's.

#include <string_view>

namespace suture {

/// The first value of the parameter `name` ("for", "host", "proto") in a Forwarded header, without quotes; "" if there
/// is none, or if its quoting is broken or holds escapes, which no address or host needs.
std::string_view forwarded_parameter(std::string_view header, std::string_view name);

/// The first entry of a comma-separated list, without white space.
std::string_view first_in_list(std::string_view header);

}  // namespace suture
