// Redaction of event_data by segments: see redactor.h.
#include "recording/redactor.h"

#include <algorithm>
#include <string_view>

namespace suture {
namespace {

void cover(std::span<char> bytes) {
  for (char& c : bytes)
    if (c != '\r' && c != '\n') c = 'x';
}

/// Chunk sizes, spaces around them, and line ends; whatever else a parser takes for framing is blanked.
void keep_chunk_framing(std::span<char> bytes) {
  constexpr std::string_view kFraming = "0123456789abcdefABCDEF; \t\r\n";
  for (char& c : bytes)
    if (kFraming.find(c) == std::string_view::npos) c = 'x';
}

}  // namespace

void Redactor::redact(const event_data& event, std::span<const http1::Segment> segments, std::span<char> bytes) {
  if (connections_.size() >= kConnectionsMax && connections_.find(event.connection) == connections_.end()) {
    connections_.erase(connections_.begin());
    counters_.evicted.add();
  }
  Direction& direction = connections_[event.connection].directions[event.direction == DIRECTION_SEND];
  std::size_t done = 0;
  for (const http1::Segment& segment : segments) {
    const std::size_t begin = std::clamp<std::size_t>(segment.offset, done, bytes.size());
    const std::size_t end = std::clamp<std::size_t>(std::size_t{segment.offset} + segment.length, begin, bytes.size());
    cover(bytes.subspan(done, begin - done));
    const std::span<char> part = bytes.subspan(begin, end - begin);
    switch (segment.kind) {
      case http1::PieceClass::Head:
        redact_head(direction, begin == 0 && event.kind == DATA_START, event.seq + static_cast<std::uint32_t>(begin),
                    part);
        break;
      case http1::PieceClass::ChunkMeta:
        keep_chunk_framing(part);
        direction.heads.begin();
        break;
      case http1::PieceClass::Body:
        cover(part);
        direction.heads.begin();
        break;
      case http1::PieceClass::Unknown: cover(part); break;
    }
    done = end;
  }
  cover(bytes.subspan(done));
}

void Redactor::redact_head(Direction& direction, bool message_begins, std::uint32_t seq, std::span<char> bytes) {
  HeadRedactor& heads = direction.heads;
  if (heads.inside_head() && seq != direction.next_seq) heads.lose();
  if (heads.lost() && message_begins) heads.begin();
  if (heads.lost()) counters_.lost.add();
  heads.redact(bytes);
  direction.next_seq = seq + static_cast<std::uint32_t>(bytes.size());
}

}  // namespace suture
