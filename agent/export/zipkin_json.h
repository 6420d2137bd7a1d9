#pragma once
// Zipkin's v2 JSON form of a batch, by OpenTelemetry's mapping (specification v1.60, trace/sdk_exporters/zipkin.md and
// common/mapping-to-non-otlp.md).

#include <string>

#include "trace/batch.h"

namespace suture {

/// Appends one array of spans. Zipkin has no place for links and trace state, and keeps microseconds; attributes of the
/// resource become tags of each of its spans.
void append_zipkin_json(std::string& out, const Batch& batch);

}  // namespace suture
