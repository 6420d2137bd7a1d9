#pragma once
// OtlpProtocol: the three ways to carry OTLP (specification v1.60, protocol/exporter.md). OtlpSignal: what is carried.

#include <cstdint>
#include <string_view>

namespace suture {

enum class OtlpProtocol : std::uint8_t { HttpProtobuf, HttpJson, Grpc };

enum class OtlpSignal : std::uint8_t { Traces, Metrics };

/// What a signal consists of, for people.
constexpr std::string_view items_of(OtlpSignal signal) { return signal == OtlpSignal::Metrics ? "data points" : "spans"; }

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
