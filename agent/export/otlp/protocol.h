#pragma once
// OtlpProtocol: the three ways to carry OTLP (specification v1.60, protocol/exporter.md).

#include <cstdint>
#include <string_view>

namespace suture {

enum class OtlpProtocol : std::uint8_t { HttpProtobuf, HttpJson, Grpc };

constexpr std::string_view name_of(OtlpProtocol protocol) {
  switch (protocol) {
    case OtlpProtocol::HttpJson:
      return "http/json";
    case OtlpProtocol::Grpc:
      return "grpc";
    case OtlpProtocol::HttpProtobuf:
      break;
  }
  return "http/protobuf";
}

}  // namespace suture
