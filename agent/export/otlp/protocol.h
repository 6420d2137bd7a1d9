#pragma once
// OtlpProtocol: how a destination is spoken to: the three ways to carry OTLP (specification v1.60, protocol/exporter.md), and
// Zipkin's own format, which is posted like http/json. OtlpSignal: what is carried.

#include <cstdint>
#include <string_view>

namespace suture {

enum class OtlpProtocol : std::uint8_t { HttpProtobuf, HttpJson, Grpc, ZipkinJson };

enum class OtlpSignal : std::uint8_t { Traces, Metrics };

/// What a signal consists of, for people.
constexpr std::string_view items_of(OtlpSignal signal) { return signal == OtlpSignal::Metrics ? "data points" : "spans"; }

constexpr std::string_view name_of(OtlpProtocol protocol) {
  switch (protocol) {
    case OtlpProtocol::HttpJson:
      return "http/json";
    case OtlpProtocol::Grpc:
      return "grpc";
    case OtlpProtocol::ZipkinJson:
      return "zipkin/json";
    case OtlpProtocol::HttpProtobuf:
      break;
  }
  return "http/protobuf";
}

}  // namespace suture
