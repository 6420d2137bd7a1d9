// The numbered rules of RFC 9112 section 6.3, in their order.
#include "proto/http1/framing.h"

namespace suture::http1 {

Body request_body(const HeadFacts& facts) {
  if (facts.truncated) return {BodyKind::Unknown};
  if (facts.transfer_encoding) return {facts.chunked ? BodyKind::Chunked : BodyKind::Unknown};  // rules 3 and 4
  switch (facts.length) {
    case HeadFacts::Length::Invalid: return {BodyKind::Unknown};                                // rule 5
    case HeadFacts::Length::Valid:                                                              // rule 6
      return facts.content_length == 0 ? Body{} : Body{BodyKind::Length, facts.content_length};
    case HeadFacts::Length::Absent: break;                                                      // rule 7
  }
  return {};
}

Body response_body(const HeadFacts& facts, std::uint16_t status, bool to_head) {
  if (facts.truncated) return {BodyKind::Unknown};
  if (to_head || status < 200 || status == 204 || status == 304) return {};                        // rule 1
  if (facts.transfer_encoding) return {facts.chunked ? BodyKind::Chunked : BodyKind::UntilClose};  // rules 3 and 4
  switch (facts.length) {
    case HeadFacts::Length::Invalid: return {BodyKind::Unknown};                                   // rule 5
    case HeadFacts::Length::Valid:                                                                 // rule 6
      return facts.content_length == 0 ? Body{} : Body{BodyKind::Length, facts.content_length};
    case HeadFacts::Length::Absent: break;                                                         // rule 8
  }
  return {BodyKind::UntilClose};
}

}  // namespace suture::http1
