#pragma once
// The head scanner of HTTP/1 (RFC 9112 sections 2 to 5): finds where a head ends and reads from it what a span and the
// framing of the body need. It allocates nothing, keeps no reference to its input and never reads past it.
// Heads come from strangers: what only a careless or malicious peer writes is read as most servers read it and marked
// `suspicious`; what is no HTTP/1 head at all is refused.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proto/exchange.h"

namespace suture::http1 {

/// What a head says about the body after it and about the connection.
struct HeadFacts {
  enum class Length : std::uint8_t { Absent, Valid, Invalid };  // Invalid: no number, too large, or two that differ

  std::uint64_t content_length = 0;  // when length == Valid
  Length length = Length::Absent;
  bool transfer_encoding = false;    // some coding other than "identity" is named
  bool chunked = false;              // and the last one is "chunked"
  bool close = false;                // members of Connection
  bool keep_alive = false;
  bool upgrade = false;
  bool expect_continue = false;      // Expect: 100-continue
  bool truncated = false;            // the head was cut: the facts may be incomplete
};

/// Length of the head at the start of `bytes`, its blank line included; npos while that line has not come.
/// `resume` is 0 at first and then handed back with the same bytes and more, so that no byte is looked at twice.
std::size_t find_head_end(std::string_view bytes, std::size_t& resume);

/// Whether `bytes`, the beginning of a head that has not ended yet, may still become one.
bool may_become_head(std::string_view bytes);

/// Whether a head is a response's. "HTTP/" can begin no request, as "/" is in no method.
bool is_response(std::string_view head);

/// Reads a request head. Sets all of `request` but its bytes: the slices count from the start of `head`.
/// `truncated`: the head was cut; whole lines count, and a request line without end as far as it goes.
/// False: this is no HTTP/1 request.
bool parse_request(std::string_view head, bool truncated, HttpRequest& request, HeadFacts& facts);

/// Reads a response head. False: this is no HTTP/1 response.
bool parse_response(std::string_view head, bool truncated, HttpResponse& response, HeadFacts& facts);

}  // namespace suture::http1
