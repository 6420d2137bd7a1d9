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

#include "proto/counters.h"
#include "proto/exchange.h"
#include "proto/http1/framer.h"
#include "proto/session.h"

namespace suture::http1 {

class Session final : public suture::Session {
 public:
  /// Requests that may wait for their answers; far beyond any pipelining in use.
  static constexpr std::size_t kMaxOutstanding = 1024;
  /// Bytes of request heads that may wait: 1024 of 1 KiB, or 64 of the largest.
  static constexpr std::size_t kMaxOutstandingBytes = std::size_t{1} << 20;

  /// `counters` are shared by all sessions and outlive them.
  Session(std::uint64_t connection, ExchangeCounters& counters) : connection_(connection), counters_(&counters) {}
  ~Session() override;
  Session(Session&&) noexcept = default;
  Session& operator=(Session&&) = delete;

  void progress(Direction direction, std::uint64_t pos, std::uint64_t time_ns, ExchangeSink& sink) override;
  void after_shed(Direction direction, std::uint64_t pos, std::uint64_t answers_pos, ExchangeSink& sink) override;
  void bytes(Direction direction, BytesKind kind, std::uint64_t pos, std::span<const std::byte> data,
             const Operation& operation, ExchangeSink& sink) override;
  void closing(std::uint64_t time_ns, ExchangeSink& sink) override;
  void closed(End end, bool peer_closed_first, std::uint64_t time_ns, ExchangeSink& sink) override;
  void expire(std::uint64_t older_than_ns, ExchangeSink& sink) override;

  bool waiting_for_end() const override;
  bool may_expire() const override;

  std::size_t outstanding() const override { return pending_.size(); }
  void for_each_open(const std::function<void(const Exchange&)>& look) const override {
    for (const Pending& pending : pending_) look(pending.exchange);
  }
  std::size_t heap_bytes() const override;

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
  ExchangeCounters* counters_;
  Framer framers_[2];             // by Direction
  std::list<Pending> pending_;    // begun and not ended, oldest first; a response in progress is the front's
  std::size_t pending_bytes_ = 0; // of their heads
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
};

}  // namespace suture::http1
