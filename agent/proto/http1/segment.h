#pragma once
// What the bytes of a piece are, run by run, for those who must not keep all of them (recordings are redacted).

#include <cstdint>

namespace suture::http1 {

enum class PieceClass : std::uint8_t {
  Head,       // start line, field lines, trailer lines
  Body,       // content and chunk extensions
  ChunkMeta,  // chunk sizes and the line ends of the chunked coding
  Unknown,    // not understood, or seen before
};

struct Segment {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
  PieceClass kind = PieceClass::Unknown;
};

}  // namespace suture::http1
