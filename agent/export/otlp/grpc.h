#pragma once
// gRPC's own layer above HTTP/2, as far as a unary call needs it: the frame around a message, and what trailers mean
// (grpc/doc/PROTOCOL-HTTP2.md, statuscodes.md).

#include <cstdint>
#include <string>
#include <string_view>

#include "export/otlp/http_client.h"
#include "export/otlp/protocol.h"
#include "export/otlp/reply.h"

namespace suture {

/// The method of OTLP that takes a signal.
constexpr std::string_view grpc_path_of(OtlpSignal signal) {
  return signal == OtlpSignal::Metrics ? "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
                                       : "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
}

/// `message` behind its five bytes: a flag that it is compressed, and its length.
std::string grpc_frame(std::string_view message, bool compressed);

/// Reads the answer to a call with `spans` spans, by OTLP 1.11, "OTLP/gRPC Response".
Delivery judge_grpc(const HttpReply& reply, std::uint64_t spans);

}  // namespace suture
