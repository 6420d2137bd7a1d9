#pragma once
// What suture run --propagate header asks for, and how it is begun.

#include <array>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "kernel/probe.h"
#include "trace/id_key.h"

namespace suture {

struct HeaderOptions {
  bool on = false;
  std::vector<std::uint16_t> ports = {};                     // only requests to these; none: to any
  std::vector<std::array<std::uint8_t, 16>> addresses = {};  // likewise; IPv4 in the first 4 bytes
};

/// Tests the kernel, and if nothing is odd makes `probe`, which was not started, write headers. An error: it writes none.
Status begin_header_writing(Probe& probe, HookChoice hooks, const HeaderOptions& options, const IdKey& key);

}  // namespace suture
