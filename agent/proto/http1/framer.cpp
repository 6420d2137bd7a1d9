// feed() is a switch over the state; each branch takes what belongs to that state and reports at most one event.
#include "proto/http1/framer.h"

#include <algorithm>

#include "wire/limits.h"

namespace suture::http1 {
namespace {

/// Empty lines that a client may send before a request (RFC 9112 section 2.2) and that the kernel does not copy: two.
/// No message is that short, so nothing can hide in them.
constexpr std::uint64_t kEmptyLines = 4;

/// First room for a head that comes in several pieces: most fit without growing.
constexpr std::size_t kHeadReserve = 1024;

/// Bytes of a head after which its beginning is not looked at again: more than the longest common method.
constexpr std::size_t kSureAfter = 16;

std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) {
  return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

}  // namespace

void Framer::pass_to(std::uint64_t pos) { next_ = std::max(next_, pos); }

void Framer::take(Piece& piece, std::size_t count, PieceClass kind) {
  piece.take(count, kind);
  next_ = piece.pos();
  if (next_ > moved_) {
    moved_ = next_;
    last_ns_ = piece.operation().time_ns;
  }
}

Framer::Event Framer::end_at(std::uint64_t pos) {
  pass_to(pos);
  complete_ = next_;
  state_ = State::Boundary;
  return Event::End;
}

Framer::Step Framer::feed(Piece& piece) {
  if (!piece.empty() && piece.pos() < next_) {  // a send that moved less than it tried comes again
    piece.take(static_cast<std::size_t>(std::min<std::uint64_t>(piece.left().size(), next_ - piece.pos())),
               PieceClass::Unknown);
  }
  if (piece.empty()) return {};
  if (piece.pos() > next_) {
    const Event event = gap(piece);
    if (event != Event::None) return {event, {}};
  }
  switch (state_) {
    case State::Lost:
    case State::AfterHead:  // the owner did not answer: as good as lost
      if (!piece.start()) {
        take(piece, piece.left().size(), PieceClass::Unknown);
        return {};
      }
      state_ = State::Boundary;
      [[fallthrough]];
    case State::Boundary: return at_boundary(piece);
    case State::InHead: return in_head(piece);
    case State::Length: return {in_length(piece), {}};
    case State::Chunked: return {in_chunks(piece), {}};
    case State::Unknown: return {in_unknown(piece), {}};
    case State::UntilClose: take(piece, piece.left().size(), PieceClass::Body); return {};
  }
  return {};
}

/// Bytes before the piece were not seen: what that means depends on where they lie.
Framer::Event Framer::gap(Piece& piece) {
  const std::uint64_t missing = piece.pos() - next_;
  switch (state_) {
    case State::Boundary:
      if (missing <= kEmptyLines && piece.start() && !is_response(piece.left())) break;
      lose();
      return Event::Hole;
    case State::InHead:
    case State::AfterHead: lose(); return Event::Hole;
    case State::Length:
      if (piece.pos() >= end_) return end_at(end_);
      doubtful_ = false;
      break;
    case State::Chunked:
      if (missing > chunks_.data_left()) {
        state_ = State::Unknown;
        end_ = 0;
        pass_to(piece.pos());
        return Event::StructureLost;
      }
      chunks_.skip_data(missing);
      break;
    case State::Lost:
    case State::Unknown:
    case State::UntilClose: break;
  }
  pass_to(piece.pos());
  return Event::None;
}

Framer::Step Framer::at_boundary(Piece& piece) {
  const std::size_t empty_lines = std::min(piece.left().find_first_not_of("\r\n"), piece.left().size());
  take(piece, empty_lines, PieceClass::Head);
  if (piece.empty()) return {};
  begin_ = piece.pos();
  suspicious_ = false;
  const std::string_view bytes = piece.left();
  std::size_t resume = 0;
  std::size_t length = find_head_end(bytes, resume);
  if (length <= SUTURE_HEAD_MAX) {  // the common case: all of it is here, and nothing is copied
    state_ = State::AfterHead;
    take(piece, length, PieceClass::Head);
    return {Event::Head, {bytes.substr(0, length), begin_, &piece.operation(), false}};
  }
  if (!may_become_head(bytes.substr(0, SUTURE_HEAD_MAX))) {
    piece.refuse_start();
    lose();
    return {Event::NotHttp, {}};
  }
  partial_ = std::make_unique<PartialHead>();
  partial_->bytes.reserve(kHeadReserve);
  partial_->operation = piece.operation();
  state_ = State::InHead;
  return in_head(piece);
}

Framer::Step Framer::in_head(Piece& piece) {
  std::string& bytes = partial_->bytes;
  const std::size_t had = bytes.size();
  bytes.append(piece.left().substr(0, SUTURE_HEAD_MAX - had));
  const std::size_t length = find_head_end(bytes, partial_->resume);
  const bool complete = length != std::string_view::npos;
  // A head that comes byte by byte is looked at again while it may still turn out to be something else.
  if (had > 0 && had < kSureAfter && !may_become_head(bytes)) {
    piece.refuse_start();
    lose();
    return {Event::NotHttp, {}};
  }
  if (complete) bytes.resize(length);
  take(piece, bytes.size() - had, PieceClass::Head);
  if (!complete && bytes.size() < SUTURE_HEAD_MAX) return {};
  state_ = State::AfterHead;
  return {Event::Head, {bytes, begin_, &partial_->operation, !complete}};
}

bool Framer::begin_body(Body body, bool doubtful) {
  partial_.reset();
  doubtful_ = false;
  body_bytes_ = kUnknownSize;
  switch (body.kind) {
    case BodyKind::None:
      body_bytes_ = 0;
      end_at(next_);
      return true;
    case BodyKind::Length:
      state_ = State::Length;
      body_bytes_ = body.length;
      end_ = saturating_add(next_, body.length);
      doubtful_ = doubtful;
      if (moved_ < end_) return false;  // the sweep may have told of the end before the head came
      end_at(end_);
      return true;
    case BodyKind::Chunked:
      state_ = State::Chunked;
      chunks_ = ChunkDecoder();
      return false;
    case BodyKind::UntilClose:
      state_ = State::UntilClose;
      end_ = next_;
      return false;
    case BodyKind::Unknown:
      state_ = State::Unknown;
      end_ = 0;
      return false;
  }
  return false;
}

Framer::Event Framer::in_length(Piece& piece) {
  if (doubtful_ && piece.start()) return Event::DoubtfulStart;
  doubtful_ = false;
  const std::uint64_t left = end_ - next_;
  take(piece, static_cast<std::size_t>(std::min<std::uint64_t>(left, piece.left().size())), PieceClass::Body);
  return next_ == end_ ? end_at(end_) : Event::None;
}

Framer::Event Framer::in_chunks(Piece& piece) {
  while (!piece.empty()) {
    const ChunkDecoder::Step step = chunks_.step(piece.left());
    take(piece, step.taken, step.kind);
    if (chunks_.suspicious()) suspicious_ = true;
    switch (step.status) {
      case ChunkDecoder::Status::More: break;
      case ChunkDecoder::Status::Done: body_bytes_ = chunks_.data_bytes(); return end_at(next_);
      case ChunkDecoder::Status::Bad:
        suspicious_ = true;
        state_ = State::Unknown;
        end_ = 0;
        return Event::StructureLost;
    }
  }
  return Event::None;
}

Framer::Event Framer::in_unknown(Piece& piece) {
  if (piece.start()) return Event::DoubtfulStart;
  const std::string_view bytes = piece.left();
  const bool ended = ends_in_last_chunk(bytes, piece.untouched_tail());
  constexpr std::size_t kMarker = 7;  // the line end before the last chunk included
  const std::size_t marker = ended ? std::min(kMarker, bytes.size()) : 0;
  take(piece, bytes.size() - marker, PieceClass::Body);
  take(piece, marker, PieceClass::ChunkMeta);
  end_ = ended ? next_ : 0;
  return Event::None;
}

bool Framer::progress(std::uint64_t pos, std::uint64_t time_ns) {
  if (pos > moved_) {
    moved_ = pos;
    last_ns_ = time_ns;
  }
  if (state_ == State::Length && moved_ >= end_) {
    end_at(end_);
    return true;
  }
  if (looks_ended() && pos == end_) {  // and nothing has followed
    end_at(end_);
    return true;
  }
  return false;
}

void Framer::accept_start(const Piece& piece) {
  end_at(piece.pos());
}

void Framer::lose() {
  partial_.reset();
  state_ = State::Lost;
}

void Framer::expect_after_moved() {
  partial_.reset();
  end_at(moved_);
}

void Framer::resume(std::uint64_t pos) {
  partial_.reset();
  end_at(pos);
  moved_ = std::max(moved_, pos);
}

std::optional<std::uint64_t> Framer::body_bytes() const {
  if (state_ == State::UntilClose) return moved_ - end_;
  return state_ == State::Boundary && body_bytes_ != kUnknownSize ? std::optional(body_bytes_) : std::nullopt;
}

bool Framer::has_hole(bool requests) const {
  switch (state_) {
    case State::Boundary: return moved_ > next_ && moved_ - next_ > (requests ? kEmptyLines : 0);
    case State::InHead: return moved_ > next_;
    default: return false;
  }
}

}  // namespace suture::http1
