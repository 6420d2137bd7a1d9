#pragma once
// What an answer means for the spans that were sent: OTLP's rules of success, retry and refusal (OTLP 1.11, "OTLP/HTTP
// Response").

#include <cstdint>
#include <string>

#include "export/otlp/http_client.h"

namespace suture {

enum class Verdict : std::uint8_t { Accepted, Retry, Rejected };

struct Delivery {
  Verdict verdict = Verdict::Retry;
  std::uint64_t rejected = 0;  // of an accepted request: spans that the backend refused for good
  std::string words;           // what the backend or the connection said; safe to print, at most a few lines
};

/// Reads the answer to a request of `spans` spans.
Delivery judge(const HttpReply& reply, std::uint64_t spans);

}  // namespace suture
