#pragma once
// Base64 (RFC 4648), as gRPC's binary headers have it, with or without padding, and HTTP's Basic authentication, with it.

#include <string>
#include <string_view>

namespace suture {

/// The bytes of `text`, up to the first character that is none of the alphabet.
std::string base64_decoded(std::string_view text);
std::string base64_encoded(std::string_view bytes);

}  // namespace suture
