#pragma once
// ChunkDecoder: where a chunked body ends (RFC 9112 section 7.1). Keeps no bytes: 24 bytes of state per body.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proto/segment.h"

namespace suture::http1 {

class ChunkDecoder {
 public:
  enum class Status : std::uint8_t {
    More,
    Done,  // the blank line after the trailers has been taken
    Bad,   // no chunked coding: nothing after this can be trusted
  };
  struct Step {
    Status status = Status::More;
    std::size_t taken = 0;  // bytes that left the input, all of one kind
    PieceClass kind = PieceClass::ChunkMeta;
  };

  /// Takes a run off the front of `bytes`, which are not empty.
  Step step(std::string_view bytes);

  /// Bytes of the present chunk's data still to come: a gap no longer than this does no harm.
  std::uint64_t data_left() const { return state_ == State::Data ? left_ : 0; }
  /// Passes over `count` <= data_left() bytes that were not seen.
  void skip_data(std::uint64_t count);

  /// Bytes of the chunks' data so far, those passed over included.
  std::uint64_t data_bytes() const { return data_bytes_; }

  /// Something was tolerated that a strict reader refuses.
  bool suspicious() const { return suspicious_; }

 private:
  enum class State : std::uint8_t {
    FirstDigit, Digits, Extension, SizeLf,  // the chunk's size line
    Data, DataCr, DataLf,
    Trailer, TrailerLine, EndLf,            // after the last chunk
  };

  Step size(std::string_view bytes);
  Step size_line_over(std::size_t taken);

  std::uint64_t left_ = 0;
  std::uint64_t data_bytes_ = 0;
  State state_ = State::FirstDigit;
  std::uint8_t digits_ = 0;
  bool suspicious_ = false;
};

/// Whether a call's last bytes read like the end of a chunked body without trailers: the last chunk and the blank line,
/// preceded by a line end or alone in the call.
bool ends_in_last_chunk(std::string_view bytes, bool whole_call);

}  // namespace suture::http1
