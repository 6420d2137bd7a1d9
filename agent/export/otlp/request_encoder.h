#pragma once
// RequestEncoder: a batch of spans -> the body of one request, as the destination's protocol wants it: protobuf, JSON or
// Zipkin's JSON, compressed or not, and for gRPC in its frame.

#include <string>
#include <string_view>

#include "export/otlp/encoder.h"
#include "export/otlp/gzip.h"
#include "export/otlp/protocol.h"
#include "trace/batch.h"

namespace suture {

/// The body of an uncompressed request without spans: to ask an endpoint for nothing.
std::string empty_request(OtlpProtocol protocol);

/// What is around a message of any signal: compression, and for gRPC the frame.
class RequestEnvelope {
 public:
  RequestEnvelope(OtlpProtocol protocol, bool gzip) : is_grpc_(protocol == OtlpProtocol::Grpc), use_gzip_(gzip) {}

  /// Valid as long as `message` and until the next call. Empty if that is, or is larger than a client of OTLP may send.
  std::string_view wrap(std::string_view message);

 private:
  const bool is_grpc_;
  const bool use_gzip_;
  GzipEncoder gzip_;
  std::string frame_;  // reused
};

class RequestEncoder {
 public:
  RequestEncoder(OtlpProtocol protocol, bool gzip) : protocol_(protocol), envelope_(protocol, gzip) {}

  /// Valid until the next call. Empty if the request would be larger than a client of OTLP may send (or memory is short).
  std::string_view encode(const Batch& batch);

 private:
  std::string_view message_of(const Batch& batch);

  const OtlpProtocol protocol_;
  RequestEnvelope envelope_;
  OtlpEncoder protobuf_;
  std::string text_;  // the JSON form; reused
};

}  // namespace suture
