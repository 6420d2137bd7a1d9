#include "trace/id_source.h"

#include <cstring>
#include <utility>

#include "trace/siphash.h"

namespace suture {

TraceId RandomIdSource::next_trace_id() {
  TraceId id;
  while (!id.valid()) {
    if (used_ == block_.size()) {
      fill_random(block_);
      used_ = 0;
    }
    std::memcpy(id.bytes.data(), block_.data() + used_, id.bytes.size());
    used_ += id.bytes.size();
  }
  return id;
}

TraceId SeededIdSource::next_trace_id() {
  TraceId id;
  while (!id.valid()) {
    for (unsigned half = 0; half < 2; ++half) {
      // 't' keeps these apart from span ids, whose messages are of another length and never begin with it.
      std::array<std::uint8_t, 10> message{'t', static_cast<std::uint8_t>(half)};
      for (unsigned i = 0; i < 8; ++i) message[2 + i] = static_cast<std::uint8_t>(count_ >> (56 - 8 * i));
      const std::uint64_t hash = siphash_2_4(seed_.bytes, message);
      for (unsigned i = 0; i < 8; ++i) id.bytes[8 * half + i] = static_cast<std::uint8_t>(hash >> (56 - 8 * i));
    }
    ++count_;
  }
  return id;
}

TraceContext join_or_start_trace(std::optional<TraceContext> incoming, IdSource& ids) {
  if (incoming) return std::move(*incoming);
  TraceContext started;
  started.trace_id = ids.next_trace_id();
  started.flags = kTraceFlagSampled | kTraceFlagRandom;
  return started;
}

}  // namespace suture
