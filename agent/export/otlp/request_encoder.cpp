#include "export/otlp/request_encoder.h"

#include "export/otlp/grpc.h"
#include "export/otlp_json.h"

namespace suture {

std::string empty_request(OtlpProtocol protocol) {
  switch (protocol) {
    case OtlpProtocol::HttpJson:
      return "{}";
    case OtlpProtocol::Grpc:
      return grpc_frame({}, false);
    case OtlpProtocol::HttpProtobuf:
      break;
  }
  return {};
}

std::string_view RequestEncoder::encode(const Batch& batch) {
  const std::string_view message = message_of(batch);
  if (message.empty() || message.size() > kMaxRequestBytes) return {};
  const std::string_view body = use_gzip_ ? gzip_.compress(message) : message;
  if (protocol_ != OtlpProtocol::Grpc || body.empty()) return body;
  clear_keeping(text_);
  text_ = grpc_frame(body, use_gzip_);
  return text_;
}

std::string_view RequestEncoder::message_of(const Batch& batch) {
  if (!batch.forwarded.empty()) return batch.forwarded;
  if (protocol_ != OtlpProtocol::HttpJson) return protobuf_.encode(batch);
  clear_keeping(text_);
  append_otlp_json(text_, batch);
  return text_;
}

}  // namespace suture
