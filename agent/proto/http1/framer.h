#pragma once
// Framer: one direction of a connection. Turns pieces of the byte stream, at absolute positions and with holes where
// bytes were not copied, into the beginnings and ends of messages. It knows nothing of pairing: after each head its
// owner says which body follows.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "proto/http1/chunks.h"
#include "proto/http1/framing.h"
#include "proto/piece.h"

namespace suture::http1 {

/// A head, complete or cut. All of it is valid until the framer is called again.
struct Head {
  std::string_view bytes;
  std::uint64_t pos = 0;                // of its first byte
  const Operation* operation = nullptr;  // that moved its first byte
  bool truncated = false;
};

class Framer {
 public:
  enum class State : std::uint8_t {
    Lost,        // no idea where a message begins: waits for a start
    Boundary,    // the next byte begins a message
    InHead,
    AfterHead,   // a head was handed out: begin_body() or lose() is due
    Length,      // body up to a known position
    Chunked,     // body whose chunks are followed
    Unknown,     // body whose end only its surroundings will tell
    UntilClose,
  };
  enum class Event : std::uint8_t {
    None,           // the piece is used up
    Head,           // see Step::head; answer with begin_body() or lose()
    End,            // the message has ended: its last byte moved at last_ns()
    Hole,           // bytes that may have begun a message were not seen; the framer is lost
    NotHttp,        // what should be a head cannot be one; the framer is lost
    StructureLost,  // the chunks can no longer be followed; the state is Unknown
    DoubtfulStart,  // a body that looks like a message: answer with accept_start(), refuse_start() or lose()
  };
  struct Step {
    Event event = Event::None;
    Head head;
  };

  /// Takes bytes off the piece up to the next event. To be called until None.
  Step feed(Piece& piece);

  /// All bytes below `pos` have moved, the last of them at `time_ns`. True: that ended the message.
  bool progress(std::uint64_t pos, std::uint64_t time_ns);

  /// After Event::Head. `doubtful`: the body may never be sent (Expect: 100-continue), so that a start in its place is
  /// asked about. True: the message is over with its head.
  bool begin_body(Body body, bool doubtful = false);

  void accept_start(const Piece& piece);
  void refuse_start(Piece& piece) { piece.refuse_start(); }

  /// Waits for a start beyond what is known.
  void lose();
  /// The next message can begin no sooner than after all bytes known to have moved.
  void expect_after_moved();
  /// Whole messages passed that nobody reports: the next one begins at `pos`.
  void resume(std::uint64_t pos);
  /// The body that may never have been sent was called for.
  void body_was_invited() { doubtful_ = false; }

  State state() const { return state_; }
  std::uint64_t moved() const { return moved_; }
  std::uint64_t last_ns() const { return last_ns_; }
  /// Where the last message that is known to be complete ended.
  std::uint64_t complete_below() const { return complete_; }
  /// Bytes of the body of the message that ended last, or that the close of the connection ends now; without the chunks'
  /// own. Nothing: it has not ended, or its end was not seen for certain.
  std::optional<std::uint64_t> body_bytes() const;
  /// Bytes moved unseen where a message should begin or in a head; before a request they may be empty lines.
  bool has_hole(bool requests) const;
  /// The body's end cannot be seen any more, or has not been seen though bytes moved unseen.
  bool end_unseen() const { return state_ == State::Unknown || (state_ == State::Chunked && moved_ > next_); }
  /// In Unknown: the last bytes that moved read like an end.
  bool looks_ended() const { return state_ == State::Unknown && end_ != 0 && end_ >= moved_; }
  bool suspicious() const { return suspicious_; }
  std::size_t heap_bytes() const { return partial_ ? sizeof(PartialHead) + partial_->bytes.capacity() : 0; }

 private:
  static constexpr std::uint64_t kUnknownSize = UINT64_MAX;

  struct PartialHead {
    std::string bytes;
    std::size_t resume = 0;  // see find_head_end()
    Operation operation;     // that moved the first byte
  };

  Event gap(Piece& piece);
  Step at_boundary(Piece& piece);
  Step in_head(Piece& piece);
  Event in_length(Piece& piece);
  Event in_chunks(Piece& piece);
  Event in_unknown(Piece& piece);
  void take(Piece& piece, std::size_t count, PieceClass kind);
  void pass_to(std::uint64_t pos);
  Event end_at(std::uint64_t pos);

  std::uint64_t next_ = 0;     // first position not seen yet
  std::uint64_t moved_ = 0;    // all below has moved, as far as known
  std::uint64_t last_ns_ = 0;  // when the byte below moved_ moved
  std::uint64_t begin_ = 0;    // of the present message
  std::uint64_t complete_ = 0; // see complete_below()
  std::uint64_t body_bytes_ = kUnknownSize;  // Boundary: see body_bytes()
  std::uint64_t end_ = 0;      // Length: of the body. Unknown: where the message seems to have ended, 0 = nowhere. UntilClose: where the body began
  std::unique_ptr<PartialHead> partial_;  // InHead, AfterHead
  ChunkDecoder chunks_;
  State state_ = State::Lost;
  bool doubtful_ = false;
  bool suspicious_ = false;
};

}  // namespace suture::http1
