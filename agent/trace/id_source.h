#pragma once
// IdSource: where the ids of traces that we start come from. Random live, drawn from the recording's seed in a replay.
// Used by the capture thread only.

#include <array>
#include <cstdint>
#include <optional>

#include "base/ids.h"
#include "trace/id_key.h"
#include "trace/trace_context.h"

namespace suture {

class IdSource {
 public:
  virtual ~IdSource() = default;
  /// Never all zero; the right-most 7 bytes are evenly distributed, as the W3C random flag promises.
  virtual TraceId next_trace_id() = 0;
};

/// From the kernel's generator, 256 ids per system call.
class RandomIdSource final : public IdSource {
 public:
  TraceId next_trace_id() override;

 private:
  std::array<std::uint8_t, 4096> block_;  // 4 KiB: 256 ids; larger blocks gain nothing measurable
  std::size_t used_ = sizeof(block_);     // bytes of block_ handed out
};

/// The same ids in the same order for the same seed, on any machine.
class SeededIdSource final : public IdSource {
 public:
  explicit SeededIdSource(const IdKey& seed) : seed_(seed) {}
  TraceId next_trace_id() override;

 private:
  IdKey seed_;
  std::uint64_t count_ = 0;
};

/// The trace of a span: the one that came with the request, or a new one, sampled and with the random flag, whose
/// parent is all zero.
TraceContext join_or_start_trace(std::optional<TraceContext> incoming, IdSource& ids);

}  // namespace suture
