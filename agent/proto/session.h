#pragma once
// Session: what a connection's bytes are read by, whatever it speaks. Pieces of both directions come in, at absolute
// positions and with holes where bytes were not copied; exchanges go out to an ExchangeSink.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/ids.h"
#include "proto/exchange.h"
#include "proto/segment.h"

namespace suture {

/// Receives what sessions find, on the thread that drives them. Must not call back into the session.
class ExchangeSink {
 public:
  virtual ~ExchangeSink() = default;
  /// A request head is complete (or cut): an exchange has begun. The views are valid during the call.
  virtual void on_request(std::uint64_t connection, Direction direction, const Message& request,
                          const HttpRequest& head) = 0;
  /// An exchange has ended. Without a response, response.begin_ns is 0 and response.end_ns the time it was given up.
  virtual void on_exchange(Exchange&& exchange) = 0;
  /// The exchange that began at this position will not come.
  virtual void on_dropped(std::uint64_t connection, std::uint64_t request_begin_pos) {
    (void)connection;
    (void)request_begin_pos;
  }
};

enum class BytesKind : std::uint8_t {
  Start,     // begin like a message
  Continue,  // go on with what was there
  Tail,      // only the last bytes of a call, which read like the end of a response whose length no head tells
};

/// The socket call that moved some bytes.
struct Operation {
  std::uint64_t time_ns = 0;  // CLOCK_MONOTONIC
  std::uint64_t wait_ns = 0;  // receive: how long the bytes had lain in the socket, 0 = unknown
  ProcessKey process;
  std::uint32_t tid = 0;
};

/// A message whose first byte `operation` moved.
inline Message begin_message(std::uint64_t pos, const Operation& operation) {
  Message message;
  message.begin_pos = pos;
  message.begin_ns = operation.time_ns;
  message.wait_ns = operation.wait_ns;
  message.process = operation.process;
  message.tid = operation.tid;
  return message;
}

class Session {
 public:
  /// How the socket ended.
  enum class End : std::uint8_t { Normal, Reset, TimedOut };

  virtual ~Session() = default;

  /// All bytes of `direction` below `pos` have moved, the last of them at `time_ns`. To be called for both directions
  /// before each operation with what was known then, and whenever a sweep knows more.
  virtual void progress(Direction direction, std::uint64_t pos, std::uint64_t time_ns, ExchangeSink& sink) = 0;

  /// Whole exchanges were shed since the last operation. `direction`'s next byte, at `pos`, begins a request; all that the
  /// other direction owed has come, up to `answers_pos`. To be called after progress() and before the request's bytes().
  virtual void after_shed(Direction direction, std::uint64_t pos, std::uint64_t answers_pos, ExchangeSink& sink) = 0;

  /// An operation moved these bytes (or tries to: a send seen at its entry). What was seen before is skipped, as a send
  /// that moved only a part comes again.
  virtual void bytes(Direction direction, BytesKind kind, std::uint64_t pos, std::span<const std::byte> data,
                     const Operation& operation, ExchangeSink& sink) = 0;

  /// The same operation moved bytes up to `pos` that were not copied. Not `certain`: at most up to there; progress()
  /// will tell.
  void uncopied(Direction direction, std::uint64_t pos, bool certain, const Operation& operation, ExchangeSink& sink) {
    if (certain) progress(direction, pos, operation.time_ns, sink);
  }

  /// The process closed its end, both directions.
  virtual void closing(std::uint64_t time_ns, ExchangeSink& sink) = 0;

  /// The socket is gone: every exchange ends here.
  virtual void closed(End end, bool peer_closed_first, std::uint64_t time_ns, ExchangeSink& sink) = 0;

  /// Ends exchanges whose response cannot be seen to end and has not moved since before that time
  /// (end_confirmed == false), and those of a socket that lingers after closing().
  virtual void expire(std::uint64_t older_than_ns, ExchangeSink& sink) = 0;

  /// A response's end is due that only progress() can tell.
  virtual bool waiting_for_end() const = 0;
  /// There is something that expire() ends in due time, at the latest when progress() has told of bytes nobody saw.
  virtual bool may_expire() const = 0;

  virtual std::size_t outstanding() const = 0;
  /// Those that have begun and not ended, as far as they are known.
  virtual void for_each_open(const std::function<void(const Exchange&)>& look) const = 0;
  virtual std::size_t heap_bytes() const = 0;

  /// From now on segments() says, after bytes(), what the bytes were; valid until the next call.
  void keep_segments() {
    if (!segments_) segments_ = std::make_unique<std::vector<Segment>>();
  }
  std::span<const Segment> segments() const { return segments_ ? std::span<const Segment>(*segments_) : std::span<const Segment>(); }

 protected:
  /// No stream gets this far; a position beyond is nonsense, and the sums below it cannot overflow.
  static constexpr std::uint64_t kMaxPos = std::uint64_t{1} << 62;

  Session() = default;
  Session(Session&&) noexcept = default;

  /// Empty, for the segments of the next piece; nullptr: nobody wants to know.
  std::vector<Segment>* segments_of_piece() {
    if (segments_) segments_->clear();
    return segments_.get();
  }
  std::size_t segment_bytes() const { return segments_ ? sizeof(*segments_) + segments_->capacity() * sizeof(Segment) : 0; }

 private:
  std::unique_ptr<std::vector<Segment>> segments_;
};

}  // namespace suture
