#pragma once
// Percent-encoding (RFC 3986 2.1), as header variables (W3C Baggage 3.3.1.4) and gRPC's messages have it.

#include <string>
#include <string_view>

namespace suture {

/// `text` decoded; a '%' that begins no code stands for itself.
std::string percent_decoded(std::string_view text);

}  // namespace suture
