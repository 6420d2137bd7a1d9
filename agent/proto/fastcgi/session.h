#pragma once
// Session: one connection that speaks FastCGI 1.0 as web servers do: one request at a time, of the responder role. Requests are
// read to the end of their PARAMS, responses to the end of their field lines; their bodies pass mostly unseen.
//
// Nothing is paired that is not certain. A request that comes before the answer to the one before it has ended, other roles,
// records of another request: from there on the connection is not read any more, and that is counted (abandoned). Where bytes
// were not seen that may have begun an answer, its exchange is dropped and counted; the next request is certain again.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "proto/counters.h"
#include "proto/exchange.h"
#include "proto/fastcgi/record.h"
#include "proto/fastcgi/reply_head.h"
#include "proto/piece.h"
#include "proto/session.h"

namespace suture::fastcgi {

/// The head of a request that is being read: BEGIN_REQUEST and PARAMS.
struct RequestHead {
  Message message;
  std::string params;  // contents of PARAMS so far
  std::array<char, kBodyBytes> begin{};
  std::uint8_t begin_bytes = 0;
  std::uint16_t id = 0;
};

class Session final : public suture::Session {
 public:
  /// `counters` are shared by all sessions and outlive them.
  Session(std::uint64_t connection, ExchangeCounters& counters) : connection_(connection), counters_(&counters) {}
  ~Session() override;
  Session(Session&&) = delete;

  void progress(Direction direction, std::uint64_t pos, std::uint64_t time_ns, ExchangeSink& sink) override;
  void after_shed(Direction direction, std::uint64_t pos, std::uint64_t answers_pos, ExchangeSink& sink) override;
  void bytes(Direction direction, BytesKind kind, std::uint64_t pos, std::span<const std::byte> data,
             const Operation& operation, ExchangeSink& sink) override;
  void closing(std::uint64_t time_ns, ExchangeSink& sink) override;
  void closed(End end, bool peer_closed_first, std::uint64_t time_ns, ExchangeSink& sink) override;
  void expire(std::uint64_t older_than_ns, ExchangeSink& sink) override;

  bool waiting_for_end() const override { return looks_ended(); }
  bool may_expire() const override;

  std::size_t outstanding() const override { return pending_ ? 1 : 0; }
  void for_each_open(const std::function<void(const Exchange&)>& look) const override {
    if (pending_) look(*pending_);
  }
  std::size_t heap_bytes() const override;

 private:
  enum class Answer : std::uint8_t {
    None,     // of the pending request none has begun
    Records,  // its records are followed
    Unseen,   // where the next record begins is not known: only its surroundings tell its end
  };
  struct Stream {
    std::uint64_t next = 0;     // first position not seen yet
    std::uint64_t moved = 0;    // all below has moved, as far as known
    std::uint64_t last_ns = 0;  // when the byte below `moved` did
    RecordReader records;
  };
  Stream& stream(Direction d) { return streams_[static_cast<std::size_t>(d)]; }
  Stream& requests() { return stream(request_direction_); }
  Stream& responses() { return stream(opposite(request_direction_)); }
  const Stream& responses() const { return streams_[static_cast<std::size_t>(opposite(request_direction_))]; }
  const HttpExchange& http() const { return std::get<HttpExchange>(pending_->detail); }
  HttpExchange& http() { return std::get<HttpExchange>(pending_->detail); }
  std::uint64_t end_due() const;
  bool looks_ended() const { return end_due() != 0 && end_due() >= responses().moved; }
  bool end_unseen() const { return answer_ == Answer::Unseen || (answer_ == Answer::Records && responses().moved > responses().next); }
  bool answered_unseen() const { return answer_ == Answer::None && responses().moved > responses().next; }

  void take(Stream& stream, Piece& piece, std::size_t count, PieceClass kind);
  void request_bytes(Piece& piece, ExchangeSink& sink);
  bool may_begin(const Piece& piece, ExchangeSink& sink);
  void read_head(Piece& piece, ExchangeSink& sink);
  bool head_record(const RecordHeader& record) const;
  void begin_exchange(bool truncated, ExchangeSink& sink);
  void response_bytes(Piece& piece, ExchangeSink& sink);
  void read_answer(Piece& piece, ExchangeSink& sink);
  void read_content(Piece& piece, std::size_t count, ExchangeSink& sink);
  void read_unseen(Piece& piece);
  void lose_answer();
  void finish(Outcome outcome, std::uint64_t end_ns, bool confirmed, ExchangeSink& sink);
  void drop(Counter& reason, ExchangeSink& sink);
  void hole(ExchangeSink& sink);
  void abandon(ExchangeSink& sink);

  std::uint64_t connection_;
  ExchangeCounters* counters_;
  Stream streams_[2];                // by Direction
  std::optional<RequestHead> head_;
  std::optional<Exchange> pending_;  // begun and not ended
  std::uint16_t id_ = 0;             // its
  std::uint64_t request_end_ = 0;    // where its body ends at the earliest
  ReplyHead reply_;
  std::uint64_t answer_bytes_ = 0;   // of its body so far, while records are followed
  std::uint64_t answer_end_ = 0;     // Unseen: where it seems to end, 0 = nowhere
  std::uint64_t closing_ns_ = 0;     // 0 = open
  Answer answer_ = Answer::None;
  Direction request_direction_ = Direction::Receive;
  bool role_known_ = false;          // request_direction_ counts
  bool over_ = false;                // ended, or given up
};

}  // namespace suture::fastcgi
