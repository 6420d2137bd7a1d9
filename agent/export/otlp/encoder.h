#pragma once
// OtlpEncoder: a batch of spans -> the bytes of one ExportTraceServiceRequest.
//
// One span message serves all spans, one after the other: it stays in the first cache and keeps the memory of its
// texts, so that a span costs no allocation. What is around the spans (resource, scope) is put together from serialised
// pieces: in protobuf's encoding the concatenation of a message's fields is the message.

#include <string>
#include <string_view>

#include "export/otlp/otlp.pb.h"
#include "trace/batch.h"

namespace suture {

/// OTLP 1.11, "Request size": a client must not send more, before compression.
inline constexpr std::size_t kMaxRequestBytes = 64 * 1024 * 1024;

/// Empties a buffer that is used again and again; the memory that an unusual batch made it take is given back.
void clear_keeping(std::string& buffer);

class OtlpEncoder {
 public:
  OtlpEncoder();

  /// Valid until the next call; empty if there are no spans, or the request would be larger than a client of OTLP may
  /// send.
  std::string_view encode(const Batch& batch);

 private:
  bool append(const Batch::Group& group);
  std::string resource_spans_head(const Resource& resource);
  void fill(const Span& span, otlp::v1::Span& out);
  void fill(const AttributeList& attributes, otlp::v1::Span& out);
  std::string_view utf8(std::string_view text);

  const std::string scope_head_;  // ScopeSpans without spans: the same for all
  otlp::v1::Span span_;           // reused
  std::string spans_;             // ScopeSpans.spans of one group, serialised
  std::string request_;           // all groups, serialised
  std::string scratch_;           // of utf8()
};

}  // namespace suture
