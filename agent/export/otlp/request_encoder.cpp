#include "export/otlp/request_encoder.h"

#include "export/otlp/grpc.h"
#include "export/otlp_json.h"
#include "export/zipkin_json.h"

namespace suture {

std::string empty_request(OtlpProtocol protocol) {
  switch (protocol) {
    case OtlpProtocol::HttpJson:
      return "{}";
    case OtlpProtocol::Grpc:
      return grpc_frame({}, false);
    case OtlpProtocol::ZipkinJson:
      return "[]";
    case OtlpProtocol::HttpProtobuf:
      break;
  }
  return {};
}

std::string_view RequestEnvelope::wrap(std::string_view message) {
  if (message.empty() || message.size() > kMaxRequestBytes) return {};
  const std::string_view body = use_gzip_ ? gzip_.compress(message) : message;
  if (!is_grpc_ || body.empty()) return body;
  clear_keeping(frame_);
  frame_ = grpc_frame(body, use_gzip_);
  return frame_;
}

std::string_view RequestEncoder::encode(const Batch& batch) { return envelope_.wrap(message_of(batch)); }

std::string_view RequestEncoder::message_of(const Batch& batch) {
  if (!batch.forwarded.empty()) return batch.forwarded;
  const bool zipkin = protocol_ == OtlpProtocol::ZipkinJson;
  if (!zipkin && protocol_ != OtlpProtocol::HttpJson) return protobuf_.encode(batch);
  clear_keeping(text_);
  if (zipkin) append_zipkin_json(text_, batch);
  else append_otlp_json(text_, batch);
  return text_;
}

}  // namespace suture
