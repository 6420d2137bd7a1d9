#pragma once
// What suture run --propagate asks for, and how it is begun.

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "kernel/probe.h"
#include "trace/id_key.h"

namespace suture {

enum class WritingMethod {
  Off,
  Header,  // traceparent, in heads
  Tcp,     // a TCP option beside them, which agents of other hosts read
};
/// As --propagate says it.
std::string_view name_of(WritingMethod method);

struct WritingOptions {
  WritingMethod method = WritingMethod::Off;
  std::vector<std::uint16_t> ports = {};                     // only requests to these; none: to any
  std::vector<std::array<std::uint8_t, 16>> addresses = {};  // likewise; IPv4 in the first 4 bytes
};

/// Tests the kernel, and if nothing is odd makes `probe`, which was not started, write contexts. An error: it writes none.
Status begin_context_writing(Probe& probe, HookChoice hooks, const WritingOptions& options, const IdKey& key);

}  // namespace suture
