#pragma once
// Intake: an HTTP request of an SDK -> a parcel, and what the SDK is answered (opentelemetry-proto 1.11, "OTLP/HTTP"). On the
// server's thread.

#include <cstdint>
#include <functional>

#include "base/counter.h"
#include "gateway/gunzip.h"
#include "gateway/parcel.h"
#include "http_server/http_server.h"

namespace suture {

struct IntakeCounters {
  Counter received;       // records that were taken
  Counter queue_full;     // records that were not, for want of room: the SDK is told to come again
  // Requests that were refused.
  Counter undecodable, unsupported, too_large, not_found;
};

class Intake {
 public:
  static constexpr std::size_t kMaxBytes = 16 * 1024 * 1024;  // of a request, decompressed: some 40 000 spans

  struct Rules {
    /// Whether anybody takes this signal in this encoding.
    std::function<bool(Signal, Encoding)> takes;
    /// Whether the parcel may be changed on its way: else it needs no decoding beyond a look.
    std::function<bool(Signal)> mends;
    /// False: there is no room for it.
    std::function<bool(Parcel&&)> push;
  };

  explicit Intake(Rules rules) : rules_(std::move(rules)), gunzip_(kMaxBytes) {}

  HttpServer::Response answer(HttpServer::Request&& request);
  const IntakeCounters& counters() const { return counters_; }

 private:
  HttpServer::Response take(Signal signal, Encoding encoding, HttpServer::Request&& request);

  const Rules rules_;
  Gunzip gunzip_;
  IntakeCounters counters_;
};

}  // namespace suture
