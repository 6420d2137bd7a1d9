#pragma once
// Redactor: blanks the private bytes in copies of event_data on their way into a recording. Heads go through a
// HeadRedactor per connection and direction, FastCGI's names and values through a ParamRedactor; bodies and what nobody understood are blanked whole.

#include <cstdint>
#include <span>
#include <unordered_map>

#include "base/counter.h"
#include "proto/segment.h"
#include "recording/head_redactor.h"
#include "recording/param_redactor.h"
#include "wire/event.h"

namespace suture {

class Redactor {
 public:
  /// Connections remembered: as many as the agent follows at full load several times over, 400 bytes each.
  static constexpr std::size_t kConnectionsMax = 65'536;

  struct Counters {
    Counter lost;     // pieces of heads blanked whole, as their beginning was not seen
    Counter evicted;  // connections forgotten for want of room
  };

  /// Blanks `bytes`, the copy of the event's data, in place; `segments` are what the parser took them for. Bytes
  /// outside all segments are blanked, too. Lengths and line ends stay.
  void redact(const event_data& event, std::span<const Segment> segments, std::span<char> bytes);

  void forget(std::uint64_t connection) { connections_.erase(connection); }

  const Counters& counters() const { return counters_; }

 private:
  struct Direction {
    HeadRedactor heads;
    ParamRedactor params;
    bool records = false;        // of FastCGI
    std::uint32_t next_seq = 0;  // behind the last byte of a head that went through
  };
  struct Connection {
    Direction directions[2];
  };

  void redact_record(Direction& direction, const event_data& event, const Segment& segment, std::span<char> bytes);
  void redact_head(Direction& direction, bool message_begins, std::uint32_t seq, std::span<char> bytes);

  std::unordered_map<std::uint64_t, Connection> connections_;
  Counters counters_;
};

}  // namespace suture
