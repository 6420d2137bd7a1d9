#pragma once
// Parcel: one export request on its way from an SDK to the destinations.

#include <cstdint>
#include <memory>
#include <string>

#include "gateway/telemetry.h"

namespace suture {

struct Parcel {
  Signal signal = Signal::Traces;
  Encoding encoding = Encoding::Protobuf;
  std::string body;                      // as it came, without compression
  std::unique_ptr<Telemetry> telemetry;  // the same, decoded; nullptr: nothing in it is ever changed
  std::uint64_t records = 0;
  std::uint16_t upload_port = 0;         // of the SDK's end of the connection
};

}  // namespace suture
