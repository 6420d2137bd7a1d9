// A state machine over runs: sizes byte by byte, everything else by whole runs.
#include "proto/http1/chunks.h"

#include <algorithm>

namespace suture::http1 {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const int lower = c | 0x20;
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

constexpr std::uint8_t kMaxDigits = 16;  // of a 64-bit size

}  // namespace

void ChunkDecoder::skip_data(std::uint64_t count) {
  left_ -= count;
  data_bytes_ += count;
  if (left_ == 0) state_ = State::DataCr;
}

ChunkDecoder::Step ChunkDecoder::size_line_over(std::size_t taken) {
  state_ = left_ == 0 ? State::Trailer : State::Data;
  return {Status::More, taken, PieceClass::ChunkMeta};
}

ChunkDecoder::Step ChunkDecoder::size(std::string_view bytes) {
  std::size_t i = 0;
  for (; i < bytes.size(); ++i) {
    const int value = hex_value(bytes[i]);
    if (value < 0) break;
    if (digits_ == kMaxDigits) return {Status::Bad, i, PieceClass::ChunkMeta};
    ++digits_;
    left_ = left_ << 4 | static_cast<std::uint64_t>(value);
    state_ = State::Digits;
  }
  if (i == bytes.size()) return {Status::More, i, PieceClass::ChunkMeta};
  if (state_ == State::FirstDigit) return {Status::Bad, i, PieceClass::ChunkMeta};
  switch (bytes[i]) {
    case '\r': state_ = State::SizeLf; return {Status::More, i + 1, PieceClass::ChunkMeta};
    case '\n': suspicious_ = true; return size_line_over(i + 1);
    case ';':
    case ' ':
    case '\t': state_ = State::Extension; return {Status::More, i + 1, PieceClass::ChunkMeta};
    default: return {Status::Bad, i, PieceClass::ChunkMeta};
  }
}

ChunkDecoder::Step ChunkDecoder::step(std::string_view bytes) {
  const char c = bytes.front();
  switch (state_) {
    case State::FirstDigit:
    case State::Digits: return size(bytes);
    case State::Extension: {
      const std::size_t end = std::min(bytes.find_first_of("\r\n"), bytes.size());
      if (end > 0) return {Status::More, end, PieceClass::Body};
      if (c == '\n') {
        suspicious_ = true;
        return size_line_over(1);
      }
      state_ = State::SizeLf;
      return {Status::More, 1, PieceClass::ChunkMeta};
    }
    case State::SizeLf: return c == '\n' ? size_line_over(1) : Step{Status::Bad, 0, PieceClass::ChunkMeta};
    case State::Data: {
      const std::uint64_t count = std::min<std::uint64_t>(left_, bytes.size());
      skip_data(count);
      return {Status::More, static_cast<std::size_t>(count), PieceClass::Body};
    }
    case State::DataCr:
      if (c == '\r') {
        state_ = State::DataLf;
        return {Status::More, 1, PieceClass::ChunkMeta};
      }
      suspicious_ = true;
      [[fallthrough]];
    case State::DataLf:
      if (c != '\n') return {Status::Bad, 0, PieceClass::ChunkMeta};
      state_ = State::FirstDigit;
      digits_ = 0;
      return {Status::More, 1, PieceClass::ChunkMeta};
    case State::Trailer:
      if (c == '\r') {
        state_ = State::EndLf;
        return {Status::More, 1, PieceClass::ChunkMeta};
      }
      if (c == '\n') {
        suspicious_ = true;
        return {Status::Done, 1, PieceClass::ChunkMeta};
      }
      state_ = State::TrailerLine;
      [[fallthrough]];
    case State::TrailerLine: {
      const std::size_t lf = bytes.find('\n');
      if (lf == std::string_view::npos) return {Status::More, bytes.size(), PieceClass::Head};
      state_ = State::Trailer;
      return {Status::More, lf + 1, PieceClass::Head};
    }
    case State::EndLf: return {c == '\n' ? Status::Done : Status::Bad, c == '\n' ? 1u : 0u, PieceClass::ChunkMeta};
  }
  return {Status::Bad, 0, PieceClass::ChunkMeta};
}

bool ends_in_last_chunk(std::string_view bytes, bool whole_call) {
  constexpr std::string_view kMarker = "\r\n0\r\n\r\n";
  if (bytes.ends_with(kMarker)) return true;
  return whole_call && bytes == kMarker.substr(2);
}

}  // namespace suture::http1
