#pragma once
// What a web server says of a request to a FastCGI application: names and values (FastCGI 1.0, 3.4), named as CGI names them
// (RFC 3875 4.1).

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "proto/exchange.h"

namespace suture::fastcgi {

/// A length of the coding: one byte, or four of which the first has its high bit set.
struct PairLength {
  std::uint32_t value = 0;
  std::size_t bytes = 0;  // 0: not all of it is there
};
PairLength pair_length(std::string_view bytes);

struct Pair {
  std::string_view name, value;
};

/// Takes the next whole pair off `rest`. Nothing: none is left, and what is left of `rest` is the beginning of one, or empty.
std::optional<Pair> next_pair(std::string_view& rest);

/// The longest name whose value is of any use.
inline constexpr std::size_t kMaxName = 32;

/// "HTTP_USER_AGENT" is the field "user-agent": writes that to `text` and returns it. "": this is no field, or one too long to be
/// of use.
std::string_view field_name(std::string_view name, char (&text)[kMaxName]);

/// Reads the pairs in `request.head`. What no single value says (a target of path and query, "https") is appended to it.
/// `truncated`: they were cut, and whole pairs count. `content_length`: of the body that is announced; nothing: not known.
/// False: these are no pairs, or they speak of no HTTP request.
bool parse_params(HttpRequest& request, bool truncated, std::optional<std::uint64_t>& content_length);

}  // namespace suture::fastcgi
