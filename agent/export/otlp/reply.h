#pragma once
// What an answer means for the spans that were sent: OTLP's rules of success, retry and refusal (OTLP 1.11, "OTLP/HTTP
// Response"; grpc.h has those of gRPC).

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "export/otlp/http_client.h"
#include "export/otlp/protocol.h"

namespace suture {

enum class Verdict : std::uint8_t { Accepted, Retry, Rejected };

struct Delivery {
  Verdict verdict = Verdict::Retry;
  std::uint64_t rejected = 0;  // of an accepted request: spans that the backend refused for good
  std::string words;           // what the backend or the connection said; safe to print, at most a few lines
  bool unknown_there = false;  // refused as something that the endpoint has never heard of: 404, 405, UNIMPLEMENTED
  std::chrono::milliseconds retry_after{0};  // the wait that the backend asked for; 0: none
};

/// Reads the answer to a request of `spans` spans.
Delivery judge(OtlpProtocol protocol, const HttpReply& reply, std::uint64_t spans);

// Pieces that the protocols have in common.

/// No answer came, or one that is too large to be read.
Delivery judge_unanswered(const HttpReply& reply);
/// A success whose body is an ExportTraceServiceResponse. One that cannot be read says nothing against the success.
Delivery accepted_protobuf(std::string_view body, std::uint64_t spans);
/// A backend's words as one line that a terminal survives.
std::string printable_words(std::string_view text);

}  // namespace suture
