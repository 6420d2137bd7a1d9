#pragma once
// RequestTarget: the parts of an HTTP/1 request target (RFC 9112 section 3.2). Never fails: garbage is a path.

#include <cstdint>
#include <string_view>

namespace suture {

struct RequestTarget {
  enum class Form : std::uint8_t {
    Origin,     // /path?query
    Absolute,   // scheme://authority/path?query
    Authority,  // host:port, of CONNECT only
    Asterisk,   // *
    Other,      // none of these
  };
  Form form = Form::Other;
  std::string_view scheme;     // Absolute only, as written
  std::string_view authority;  // Absolute and Authority: without user information
  std::string_view path;       // "" for Authority and Asterisk (RFC 9112 section 3.3); of Other, what follows an "@"
  std::string_view query;      // without its "?"
  bool has_user_info = false;  // credentials stood before the authority
  bool has_query = false;      // there was a "?"
};

RequestTarget parse_request_target(std::string_view method, std::string_view target);

}  // namespace suture
