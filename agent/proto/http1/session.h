#pragma once
// Session: one connection that speaks HTTP/1. Two framers, and the pairing of requests with responses in their order.
//
// Pairing is never guessed. Where bytes that may have held a message were not seen, the exchanges in doubt are dropped
// and counted, and pairing starts again at a request that proves nothing older is due: on a connection that is not
// pipelined a client sends a request only when it has the previous answer, so response bytes must have moved since.
// A pipelined connection gives no such proof and is abandoned at its first hole.

#include <cstddef>
#include <cstdint>
#include <list>
#include <span>
#include <vector>

#include "proto/exchange.h"
#include "proto/http1/counters.h"
#include "proto/http1/framer.h"

namespace suture::http1 {

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
  Tail,      // only the last bytes of a call, which read like the last chunk of a chunked body
};

class Session {
 public:
  /// How the socket ended.
  enum class End : std::uint8_t { Normal, Reset, TimedOut };

  /// Requests that may wait for their answers; far beyond any pipelining in use.
  static constexpr std::size_t kMaxOutstanding = 1024;
  /// Bytes of request heads that may wait: 1024 of 1 KiB, or 64 of the largest.
  static constexpr std::size_t kMaxOutstandingBytes = std::size_t{1} << 20;

  /// `counters` are shared by all sessions and outlive them.
  Session(std::uint64_t connection, Counters& counters) : connection_(connection), counters_(&counters) {}
  ~Session();
  Session(Session&&) noexcept = default;
  Session& operator=(Session&&) = delete;

  /// All bytes of `direction` below `pos` have moved, the last of them at `time_ns`. To be called for both directions
  /// before each operation with what was known then, and whenever a sweep knows more.
  void progress(Direction direction, std::uint64_t pos, std::uint64_t time_ns, ExchangeSink& sink);

  /// Whole exchanges were shed since the last operation. `direction`'s next byte, at `pos`, begins a request; all that the
  /// other direction owed has come, up to `answers_pos`. To be called after progress() and before the request's bytes().
  void after_shed(Direction direction, std::uint64_t pos, std::uint64_t answers_pos, ExchangeSink& sink);

  /// An operation moved these bytes (or tries to: a send seen at its entry). What was seen before is skipped, as a send
  /// that moved only a part comes again.
  void bytes(Direction direction, BytesKind kind, std::uint64_t pos, std::span<const std::byte> data,
             const Operation& operation, ExchangeSink& sink);

  /// The same operation moved bytes up to `pos` that were not copied. Not `certain`: at most up to there; progress()
  /// will tell.
  void uncopied(Direction direction, std::uint64_t pos, bool certain, const Operation& operation, ExchangeSink& sink);

  /// The process closed its end, both directions.
  void closing(std::uint64_t time_ns, ExchangeSink& sink);

  /// The socket is gone: every exchange ends here.
  void closed(End end, bool peer_closed_first, std::uint64_t time_ns, ExchangeSink& sink);

  /// Ends exchanges whose response cannot be seen to end and has not moved since before that time
  /// (end_confirmed == false), and those of a socket that lingers after closing().
  void expire(std::uint64_t older_than_ns, ExchangeSink& sink);

  /// A response's end is due that only progress() can tell.
  bool waiting_for_end() const;
  /// There is something that expire() ends in due time, at the latest when progress() has told of bytes nobody saw.
  bool may_expire() const;

  std::size_t outstanding() const { return pending_.size(); }
  /// Those that have begun and not ended, as far as they are known.
  template <typename Look>
  void for_each_open(Look look) const {
    for (const Pending& pending : pending_) look(pending.exchange);
  }
  std::size_t heap_bytes() const;

  /// From now on segments() says, after bytes(), what the bytes were; valid until the next call.
  void keep_segments() { keep_segments_ = true; }
  std::span<const Segment> segments() const { return segments_; }

 private:
  enum class Mode : std::uint8_t { Tracking, Tunnel, Abandoned, Ended };
  enum class Method : std::uint8_t { Other, Head, Connect };

  struct Pending {
    Exchange exchange;
    Method method = Method::Other;
    HttpExchange& http() { return std::get<HttpExchange>(exchange.detail); }
  };

  Framer& framer(Direction d) { return framers_[static_cast<std::size_t>(d)]; }
  const Framer& framer(Direction d) const { return framers_[static_cast<std::size_t>(d)]; }
  Framer& requests() { return framer(request_direction_); }
  Framer& responses() { return framer(opposite(request_direction_)); }
  const Framer& responses() const { return framer(opposite(request_direction_)); }
  bool is_request(Direction d) const { return d == request_direction_; }
  std::size_t unanswered() const { return pending_.size() - (response_begun_ ? 1 : 0); }

  void on_head(Direction direction, const Head& head, ExchangeSink& sink);
  void on_request_head(const Head& head, ExchangeSink& sink);
  void on_response_head(const Head& head, ExchangeSink& sink);
  void on_end(Direction direction, ExchangeSink& sink);
  void on_structure_lost(Direction direction, ExchangeSink& sink);
  void on_doubtful_start(Direction direction, Piece& piece, ExchangeSink& sink);
  void on_hole(Direction direction, ExchangeSink& sink);
  void on_invalid(Direction direction, ExchangeSink& sink);
  bool learn_role(Direction direction, bool response, const Head& head, ExchangeSink& sink);
  void end_previous_response(ExchangeSink& sink);
  bool safe_to_pair(ExchangeSink& sink);
  void break_pairing(Direction direction, Counter& reason, ExchangeSink& sink);
  void end_request(std::uint64_t time_ns);
  void end_response_at_close(End end, bool by_responder, std::uint64_t time_ns, ExchangeSink& sink);
  void drop_if_answered_unseen(ExchangeSink& sink);
  void become_tunnel(ExchangeSink& sink);
  void finish(Outcome outcome, std::uint64_t end_ns, bool confirmed, ExchangeSink& sink);
  void drop(Counter& reason, ExchangeSink& sink);
  void stop(Mode mode, Counter& reason, ExchangeSink& sink);

  std::uint64_t connection_;
  Counters* counters_;
  Framer framers_[2];             // by Direction
  std::list<Pending> pending_;    // begun and not ended, oldest first; a response in progress is the front's
  std::size_t pending_bytes_ = 0; // of their heads
  std::vector<Segment> segments_;
  std::uint64_t proof_pos_ = 0;   // !paired_: response bytes beyond this prove that what was due has been answered
  std::uint64_t closing_ns_ = 0;  // 0 = open
  Direction request_direction_ = Direction::Receive;
  Mode mode_ = Mode::Tracking;
  bool role_known_ = false;       // request_direction_ counts
  bool role_proven_ = false;      // an exchange was answered in it
  bool paired_ = true;            // the next response belongs to the front of pending_
  bool settled_ = false;          // nothing can be due from before we looked
  bool pipelined_ = false;        // was ever seen to have two requests outstanding
  bool response_begun_ = false;   // the front's final response is in progress
  bool request_open_ = false;     // the last of pending_ is still being sent
  bool follows_own_ = false;      // a start out of the blue, in the direction of the bytes before it
  bool keep_segments_ = false;
};

}  // namespace suture::http1
