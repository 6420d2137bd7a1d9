#pragma once
// RecordingHeader: the conditions under which a recording was made, as far as a replay depends on them.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "process/host_facts.h"
#include "trace/clock_anchor.h"
#include "trace/id_key.h"

namespace suture {

/// First bytes of every recording.
inline constexpr std::string_view kRecordingMagic = "suture recording\n";

/// Longest record. The largest that is written holds an event_data of 64 KiB; the rest is room for what comes.
inline constexpr std::size_t kRecordBytesMax = 1u << 20;

struct RecordingHeader {
  std::string version;             // of the suture that wrote it
  IdKey id_seed;                   // of the recording's own, never the live key
  bool redacted = true;
  std::string kernel;
  std::vector<std::string> hooks;  // "<hook point>=<mechanism>"
  ClockAnchor start;
  HostFacts host;
};

/// Counters of the kernel programs by name.
using CounterSnapshot = std::vector<std::pair<std::string, std::uint64_t>>;

}  // namespace suture
