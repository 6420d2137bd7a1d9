#pragma once
// MetricsEncoder: a snapshot of metrics -> the body of one ExportMetricsServiceRequest, as the destination's protocol wants it.

#include <string>
#include <string_view>

#include "export/otlp/protocol.h"
#include "export/otlp/request_encoder.h"
#include "export/otlp/temporality.h"
#include "metrics/snapshot.h"

namespace suture {

class MetricsEncoder {
 public:
  MetricsEncoder(OtlpProtocol protocol, bool gzip) : protocol_(protocol), envelope_(protocol, gzip) {}

  /// Exemplars are those since `since_unix_ns`; `temporality` says which points are deltas. Valid until the next call;
  /// empty if the request would be larger than a client of OTLP may send.
  std::string_view encode(const MetricSnapshot& snapshot, std::int64_t since_unix_ns, const TemporalityRecast& temporality);

 private:
  const OtlpProtocol protocol_;
  RequestEnvelope envelope_;
  std::string message_;  // reused
};

}  // namespace suture
