#pragma once
// Dialogue: tells a Session a story as the capture would: client.send("GET /a HTTP/1.1\r\n\r\n"), server.send(...), and
// what came of it is read as text. Each operation takes place 1000 ns after the one before; the first at 1000.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto/http1/session.h"

namespace suture::http1 {

inline std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

inline std::string name(Outcome outcome) {
  switch (outcome) {
    case Outcome::Answered: return "answered";
    case Outcome::Cut: return "cut";
    case Outcome::Reset: return "reset";
    case Outcome::TimedOut: return "timed out";
    case Outcome::PeerClosed: return "peer closed";
    case Outcome::LocallyClosed: return "locally closed";
  }
  return "?";
}

class Dialogue : public ExchangeSink {
 public:
  /// One end of the connection; what it sends are operations of the observed process, whichever end that is.
  class Peer {
   public:
    Peer(Dialogue& dialogue, Direction direction) : dialogue_(dialogue), direction_(direction) {}

    /// One call, copied whole; a start if it begins like a message.
    void send(std::string_view text) {
      send_as(begins_like_message(text) ? BytesKind::Start : BytesKind::Continue, text);
    }
    void send_as(BytesKind kind, std::string_view text) {
      dialogue_.tell_progress();
      piece(kind, pos_, text);
      move(text.size());
    }
    /// One call of which only the first bytes were copied.
    void send_copied(std::string_view text, std::size_t copied) {
      dialogue_.tell_progress();
      piece(BytesKind::Start, pos_, text.substr(0, copied));
      dialogue_.session.uncopied(direction_, pos_ + text.size(), direction_ == Direction::Receive,
                                 dialogue_.operation(), dialogue_);
      move(text.size());
    }
    /// One call, of which nothing was copied: the body of something, or an event that was lost.
    void send_unseen(std::size_t count) { move(count); }
    /// One call of `count` bytes, of which only the last were copied, because they read like a last chunk.
    void send_tail(std::size_t count, std::string_view last) {
      dialogue_.tell_progress();
      piece(BytesKind::Tail, pos_ + count - last.size(), last);
      move(count);
    }
    /// A call that tried to send `text` and moved only the first bytes of it.
    void send_partly(std::string_view text, std::size_t moved) {
      dialogue_.tell_progress();
      piece(begins_like_message(text) ? BytesKind::Start : BytesKind::Continue, pos_, text);
      move(moved);
    }
    void skip_to(std::uint64_t pos) { pos_ = pos; }
    std::uint64_t pos() const { return pos_; }
    std::uint64_t last_ns() const { return last_ns_; }
    Direction direction() const { return direction_; }

   private:
    static bool begins_like_message(std::string_view text) {
      return !text.empty() && text[0] >= 'A' && text[0] <= 'Z' && may_become_head(text);
    }
    void piece(BytesKind kind, std::uint64_t pos, std::string_view text) {
      dialogue_.session.bytes(direction_, kind, pos, as_bytes(text), dialogue_.operation(), dialogue_);
    }
    void move(std::size_t count) {
      pos_ += count;
      last_ns_ = dialogue_.now_ns;
      dialogue_.now_ns += 1000;
    }

    Dialogue& dialogue_;
    Direction direction_;
    std::uint64_t pos_ = 0;
    std::uint64_t last_ns_ = 0;
  };

  /// The observed process is the server, or the client.
  enum class Observed { Server, Client };
  explicit Dialogue(Observed observed = Observed::Server)
      : session(7, counters),
        client(*this, observed == Observed::Server ? Direction::Receive : Direction::Send),
        server(*this, observed == Observed::Server ? Direction::Send : Direction::Receive) {}

  /// The sweep looks at the connection.
  void sweep() { tell_progress(); }
  void close(bool peer_first = false) {
    tell_progress();
    session.closing(now_ns, *this);
    session.closed(Session::End::Normal, peer_first, now_ns, *this);
  }
  void end(Session::End how, bool peer_first = true) {
    tell_progress();
    session.closed(how, peer_first, now_ns, *this);
  }

  /// What came out since the last time, one line each: "GET /a 200", with the outcome if it is not "answered".
  std::string seen() {
    std::string text;
    for (const Exchange& exchange : exchanges) text += describe(exchange);
    exchanges.clear();
    return text;
  }
  static std::string describe(const Exchange& exchange) {
    const auto& http = std::get<HttpExchange>(exchange.detail);
    std::string text{http.request.method.in(http.request.head)};
    text.append(" ").append(http.request.target.in(http.request.head));
    text.append(" ").append(std::to_string(http.response.status));
    if (exchange.outcome != Outcome::Answered) text.append(" ").append(name(exchange.outcome));
    if (!exchange.end_confirmed) text.append(" unconfirmed");
    return text.append("\n");
  }

  void on_request(std::uint64_t, Direction, const Message&, const HttpRequest& head) override {
    begun.emplace_back(head.target.in(head.head));
  }
  void on_exchange(Exchange&& exchange) override { exchanges.push_back(std::move(exchange)); }
  void on_dropped(std::uint64_t, std::uint64_t) override { ++dropped; }

  Operation operation() const { return {now_ns, 17, ProcessKey{42, 1}, 43}; }
  void tell_progress() {
    for (const Peer* peer : {&client, &server}) {
      session.progress(peer->direction(), peer->pos(), peer->last_ns(), *this);
    }
  }

  ExchangeCounters counters;
  Session session;
  Peer client, server;
  std::uint64_t now_ns = 1000;
  std::vector<Exchange> exchanges;
  std::vector<std::string> begun;  // targets
  std::uint64_t dropped = 0;
};

inline std::string get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n\r\n";
}
inline std::string ok(std::size_t length) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n" + std::string(length, 'b');
}
inline constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
inline constexpr std::string_view kNoContent = "HTTP/1.1 204 No Content\r\n\r\n";
inline constexpr std::string_view kChunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

}  // namespace suture::http1
