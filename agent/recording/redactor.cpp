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

void Redactor::redact(const event_data& event, std::span<const Segment> segments, std::span<char> bytes) {
  if (connections_.size() >= kConnectionsMax && connections_.find(event.connection) == connections_.end()) {
    connections_.erase(connections_.begin());
    counters_.evicted.add();
  }
  Direction& direction = connections_[event.connection].directions[event.direction == DIRECTION_SEND];
  std::size_t done = 0;
  for (const Segment& segment : segments) {
    const std::size_t begin = std::clamp<std::size_t>(segment.offset, done, bytes.size());
    const std::size_t end = std::clamp<std::size_t>(std::size_t{segment.offset} + segment.length, begin, bytes.size());
    cover(bytes.subspan(done, begin - done));
    const std::span<char> part = bytes.subspan(begin, end - begin);
    direction.records |= segment.kind == PieceClass::Frame;
    if (direction.records) redact_record(direction, event, segment, part);
    else switch (segment.kind) {
      case PieceClass::Head:
        redact_head(direction, begin == 0 && event.kind == DATA_START, event.seq + static_cast<std::uint32_t>(begin),
                    part);
        break;
      case PieceClass::ChunkMeta:
        keep_chunk_framing(part);
        direction.heads.begin();
        break;
      case PieceClass::Body:
        cover(part);
        direction.heads.begin();
        break;
      default: cover(part); break;
    }
    done = end;
  }
  cover(bytes.subspan(done));
}

/// Of a connection that speaks FastCGI. Its field lines and its names and values go on behind other records.
void Redactor::redact_record(Direction& direction, const event_data& event, const Segment& segment, std::span<char> bytes) {
  const std::uint32_t seq = event.seq + segment.offset;
  const bool follows = seq == direction.next_seq;
  if (segment.kind == PieceClass::Frame && event.kind == DATA_START && segment.offset == 0) {
    direction.params.begin();
    if (!follows || !direction.heads.inside_head()) direction.heads.begin();
  } else if (!follows) {
    direction.params.lose();
    direction.heads.lose();
  }
  if (segment.kind == PieceClass::Params) {
    if (direction.params.lost()) counters_.lost.add();
    direction.params.redact(bytes);
  } else if (segment.kind == PieceClass::Fields) {
    if (direction.heads.lost()) counters_.lost.add();
    direction.heads.redact(bytes);
  } else if (segment.kind != PieceClass::Frame) {
    cover(bytes);
  }
  direction.next_seq = seq + static_cast<std::uint32_t>(bytes.size());
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
