#pragma once
// What the bytes of a piece are, run by run, for those who must not keep all of them (recordings are redacted).

#include <cstdint>

namespace suture {

enum class PieceClass : std::uint8_t {
  Head,       // of HTTP/1: start line, field lines, trailer lines
  Body,       // content and chunk extensions
  ChunkMeta,  // chunk sizes and the line ends of the chunked coding
  Unknown,    // not understood, or seen before
  Frame,      // of FastCGI: a record's header, the content of those that only frame
  Params,     // of FastCGI: names and values
  Fields,     // of FastCGI: field lines of a response, and the blank line after them
};

struct Segment {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
  PieceClass kind = PieceClass::Unknown;
};

}  // namespace suture
