#include "export/bsp.h"

#include <algorithm>

namespace suture {

Bsp bsp_from(const EnvironmentLookup& lookup, Warnings& warnings) {
  constexpr std::int64_t kDayMs = 86'400'000;
  constexpr std::int64_t kMostSpans = 100'000'000;
  constexpr std::int64_t kMostBatch = 100'000;  // stays far below OTLP's 64 MiB for a request
  Bsp bsp;
  const Batcher::Limits usual;
  if (const auto ms = number_of(setting_of(lookup, {"OTEL_BSP_SCHEDULE_DELAY"}), 0, kDayMs, usual.age.count(), warnings))
    bsp.batch.age = std::chrono::milliseconds(*ms);
  if (const auto spans = number_of(setting_of(lookup, {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE"}), 1, kMostBatch, static_cast<std::int64_t>(usual.spans), warnings))
    bsp.batch.spans = static_cast<std::size_t>(*spans);
  if (const auto ms = number_of(setting_of(lookup, {"OTEL_BSP_EXPORT_TIMEOUT"}), 1, kDayMs, 300'000, warnings))
    bsp.export_timeout = std::chrono::milliseconds(*ms);
  if (const auto spans = number_of(setting_of(lookup, {"OTEL_BSP_MAX_QUEUE_SIZE"}), 1, kMostSpans, 0, warnings)) {
    bsp.queue_spans = static_cast<std::size_t>(*spans);
    // The specification: a batch must not be larger than the queue. A full one would never fit.
    bsp.batch.spans = std::min(bsp.batch.spans, *bsp.queue_spans);
  }
  return bsp;
}

}  // namespace suture
