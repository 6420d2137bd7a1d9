#pragma once
// How a message's body is delimited: the rules of RFC 9112 section 6.3 as two pure functions.

#include <cstdint>

#include "proto/http1/head.h"

namespace suture::http1 {

enum class BodyKind : std::uint8_t {
  None,
  Length,      // `length` bytes
  Chunked,
  UntilClose,  // responses only
  Unknown,     // the rules call for an error, or the head was cut: nobody but the peers knows
};

struct Body {
  BodyKind kind = BodyKind::None;
  std::uint64_t length = 0;
};

Body request_body(const HeadFacts& facts);

/// `to_head`: the response answers a HEAD request.
Body response_body(const HeadFacts& facts, std::uint16_t status, bool to_head);

}  // namespace suture::http1
