#pragma once
// Bsp: what OTEL_BSP_* say about batches. They are made for an SDK in one process; our defaults are those of an agent for
// a host, and each variable that is set wins over them.

#include <optional>

#include "export/batcher.h"
#include "export/environment.h"

namespace suture {

struct Bsp {
  Batcher::Limits batch;                                   // SCHEDULE_DELAY, MAX_EXPORT_BATCH_SIZE
  std::optional<std::chrono::milliseconds> export_timeout;  // how long a batch is tried to be delivered, retries included
  std::optional<std::size_t> queue_spans;                   // how many spans may wait for a destination
};

Bsp bsp_from(const EnvironmentLookup& lookup, Warnings& warnings);

}  // namespace suture
