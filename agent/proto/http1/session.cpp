// Events of the framers come in, exchanges go out. Each on_*() handles one event; how connections end is in
// session_end.cpp.
#include "proto/http1/session.h"

#include <utility>

namespace suture::http1 {
namespace {

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Session::~Session() { counters_->dropped_unended.add(pending_.size()); }

void Session::progress(Direction direction, std::uint64_t pos, std::uint64_t time_ns, ExchangeSink& sink) {
  if (mode_ != Mode::Tracking || pos > kMaxPos) return;
  if (framer(direction).progress(pos, time_ns)) on_end(direction, sink);
}

void Session::after_shed(Direction direction, std::uint64_t pos, std::uint64_t answers_pos, ExchangeSink& sink) {
  if (mode_ != Mode::Tracking || pos > kMaxPos || answers_pos > kMaxPos) return;
  if (role_known_ && direction != request_direction_) return;
  if (role_known_) {
    end_previous_response(sink);
    // The kernel sheds nothing while an answer is due, so this one was lost.
    if (!pending_.empty()) on_hole(opposite(direction), sink);
    if (mode_ != Mode::Tracking) return;
  }
  follows_own_ = false;
  framer(direction).resume(pos);
  framer(opposite(direction)).resume(answers_pos);
}

void Session::bytes(Direction direction, BytesKind kind, std::uint64_t pos, std::span<const std::byte> data,
                    const Operation& operation, ExchangeSink& sink) {
  Piece piece(pos, as_text(data), kind == BytesKind::Start, kind == BytesKind::Tail, operation, segments_of_piece());
  const Framer& own = framer(direction);
  if (piece.start() && own.state() == Framer::State::Lost)  // a sweep may have told of this piece itself
    follows_own_ = own.moved() <= pos && own.last_ns() > framer(opposite(direction)).last_ns();
  bool done = pos > kMaxPos;
  while (mode_ == Mode::Tracking && !done) {
    const Framer::Step step = framer(direction).feed(piece);
    switch (step.event) {
      case Framer::Event::None: done = true; break;
      case Framer::Event::Head: on_head(direction, step.head, sink); break;
      case Framer::Event::End: on_end(direction, sink); break;
      case Framer::Event::Hole: on_hole(direction, sink); break;
      case Framer::Event::NotHttp: on_invalid(direction, sink); break;
      case Framer::Event::StructureLost: on_structure_lost(direction, sink); break;
      case Framer::Event::DoubtfulStart: on_doubtful_start(direction, piece, sink); break;
    }
  }
  counters_->bytes_ignored.add(piece.left().size());
  piece.take(piece.left().size(), PieceClass::Unknown);
}

void Session::on_head(Direction direction, const Head& head, ExchangeSink& sink) {
  const bool response = is_response(head.bytes);
  if (!learn_role(direction, response, head, sink)) return on_invalid(direction, sink);
  // A message that was not seen in the other direction would shift all pairs.
  if (framer(opposite(direction)).has_hole(response)) on_hole(opposite(direction), sink);
  if (mode_ != Mode::Tracking) return;
  if (response) {
    on_response_head(head, sink);
  } else {
    on_request_head(head, sink);
  }
}

/// False: a message of this kind cannot come this way.
bool Session::learn_role(Direction direction, bool response, const Head& head, ExchangeSink& sink) {
  const Direction requests_go = response ? opposite(direction) : direction;
  if (role_known_ && requests_go == request_direction_) return true;
  if (role_known_) {
    if (role_proven_ || settled_ || pipelined_) return false;
    counters_->heads_invalid.add();  // a body that looked like a message had misled us
    framer(opposite(direction)).lose();
    drop(counters_->dropped_invalid, sink);
    paired_ = true;
  }
  role_known_ = true;
  request_direction_ = requests_go;
  settled_ = head.pos == 0 && framer(opposite(direction)).moved() == 0;
  return true;
}

void Session::on_request_head(const Head& head, ExchangeSink& sink) {
  HttpRequest request;
  HeadFacts facts;
  if (!parse_request(head.bytes, head.truncated, request, facts)) return on_invalid(request_direction_, sink);
  const std::string_view method_name = request.method.in(head.bytes);
  const Method method = method_name == "HEAD" ? Method::Head
                        : method_name == "CONNECT" ? Method::Connect
                                                   : Method::Other;
  // It may be answered unseen before an end is seen that is taken for this one.
  if (pipelined_ && response_begun_ && responses().state() == Framer::State::Unknown && !responses().looks_ended()) {
    counters_->requests_ignored.add();
    return on_hole(opposite(request_direction_), sink);
  }
  end_previous_response(sink);
  if (!safe_to_pair(sink)) return counters_->requests_ignored.add();
  if (pending_.empty() && follows_own_) {  // what was sent before it was not seen, nor answered
    pipelined_ = true;
    counters_->requests_ignored.add();
    return on_hole(request_direction_, sink);
  }
  if (pending_.empty()) {
    if (responses().state() != Framer::State::Boundary) responses().expect_after_moved();
  } else {
    pipelined_ = true;
    if (!settled_) {  // then older requests, from before we looked, may be due as well
      counters_->requests_ignored.add();
      return on_hole(request_direction_, sink);
    }
  }
  if (pending_.size() >= kMaxOutstanding || pending_bytes_ + head.bytes.size() > kMaxOutstandingBytes) {
    counters_->abandoned.add();
    return stop(Mode::Abandoned, counters_->dropped_too_many, sink);
  }

  request.head.assign(head.bytes);
  counters_->requests.add();
  if (request.suspicious) counters_->suspicious.add();
  if (head.truncated) counters_->heads_truncated.add();
  Pending& pending = pending_.emplace_back();
  pending.method = method;
  pending.exchange.connection = connection_;
  pending.exchange.request_direction = request_direction_;
  pending.exchange.request = begin_message(head.pos, *head.operation);
  pending.http().request = std::move(request);
  pending_bytes_ += pending.http().request.head.size();
  request_open_ = true;
  sink.on_request(connection_, request_direction_, pending.exchange.request, pending.http().request);

  // What follows a CONNECT is the tunnel's, or the next request if there will be none (RFC 9110 section 9.3.6).
  const Body body = method == Method::Connect ? Body{BodyKind::Unknown} : request_body(facts);
  if (method == Method::Connect) end_request(requests().last_ns());
  if (requests().begin_body(body, facts.expect_continue)) end_request(requests().last_ns());
}

/// A client that does not pipeline sends its next request when it has the whole answer: the only way to see the end of
/// a body whose structure was lost.
void Session::end_previous_response(ExchangeSink& sink) {
  if (!response_begun_ || pipelined_ || !responses().end_unseen()) return;
  const std::uint64_t end_ns = responses().last_ns();
  responses().expect_after_moved();
  finish(Outcome::Answered, end_ns, true, sink);
}

/// Whether a request that begins now may be paired with the next response.
bool Session::safe_to_pair(ExchangeSink& sink) {
  if (paired_) return true;
  const Framer& answers = responses();
  const bool in_progress = answers.state() == Framer::State::Length;  // of an exchange that was dropped
  if (in_progress || answers.moved() <= proof_pos_) {  // sent before its predecessor's answer: pipelined after all
    pipelined_ = true;
    counters_->abandoned.add();
    stop(Mode::Abandoned, counters_->dropped_hole, sink);
    return false;
  }
  paired_ = true;
  settled_ = false;
  counters_->resyncs.add();
  return true;
}

void Session::on_response_head(const Head& head, ExchangeSink& sink) {
  HttpResponse response;
  HeadFacts facts;
  if (!parse_response(head.bytes, head.truncated, response, facts)) {
    return on_invalid(opposite(request_direction_), sink);
  }
  if (!paired_ || pending_.empty()) {  // what follows it cannot be framed: it may answer a HEAD
    counters_->responses_without_request.add();
    responses().lose();
    if (pipelined_) on_hole(request_direction_, sink);
    return;
  }
  Pending& front = pending_.front();
  if (response.status < 200 && response.status != 101) {
    counters_->informational.add();
    if (response.status == 100 && request_open_ && pending_.size() == 1) requests().body_was_invited();
    responses().begin_body({});
    return;
  }
  counters_->responses.add();
  if (response.suspicious) counters_->suspicious.add();
  if (head.truncated) counters_->heads_truncated.add();
  front.exchange.response = begin_message(head.pos, *head.operation);
  front.http().response = response;
  response_begun_ = true;
  const bool tunnel = response.status == 101 || (front.method == Method::Connect && response.status / 100 == 2);
  const Body body = tunnel ? Body{} : response_body(facts, response.status, front.method == Method::Head);
  if (!responses().begin_body(body)) return;
  finish(Outcome::Answered, responses().last_ns(), true, sink);
  if (tunnel) become_tunnel(sink);
}

void Session::on_end(Direction direction, ExchangeSink& sink) {
  if (is_request(direction)) {
    end_request(framer(direction).last_ns());
  } else if (response_begun_) {
    finish(Outcome::Answered, framer(direction).last_ns(), true, sink);
  }
}

/// Unseen bytes of a chunked body are a hole only if they may hide the beginning of another message.
void Session::on_structure_lost(Direction direction, ExchangeSink& sink) {
  const bool others = is_request(direction) ? pipelined_ : unanswered() > 0;
  if (others) on_hole(direction, sink);
}

void Session::on_doubtful_start(Direction direction, Piece& piece, ExchangeSink& sink) {
  Framer& stream = framer(direction);
  if (!is_request(direction)) {
    // Without a request that waits it can only be a body; with one, nobody knows.
    if (unanswered() == 0) return stream.refuse_start(piece);
    return on_hole(direction, sink);
  }
  const bool answered = !request_open_ && pending_.size() <= (response_begun_ ? 1u : 0u);
  const bool being_answered = response_begun_ && pending_.size() == 1 && stream.state() == Framer::State::Unknown;
  if (pipelined_ || !(answered || being_answered)) {
    // A body, or a request sent without waiting: not answered yet, so nobody knows. (A body of known length is one.)
    if (stream.state() == Framer::State::Unknown) on_hole(direction, sink);
    return stream.refuse_start(piece);
  }
  end_request(stream.last_ns());
  stream.accept_start(piece);
}

void Session::on_hole(Direction direction, ExchangeSink& sink) {
  counters_->holes.add();
  break_pairing(direction, counters_->dropped_hole, sink);
}

void Session::on_invalid(Direction direction, ExchangeSink& sink) {
  counters_->heads_invalid.add();
  break_pairing(direction, counters_->dropped_invalid, sink);
}

/// After this no response is paired until a request proves that nothing older is due.
void Session::break_pairing(Direction direction, Counter& reason, ExchangeSink& sink) {
  const bool in_body = framer(direction).state() == Framer::State::Unknown;
  framer(direction).lose();
  if (!role_known_) return;
  // Bytes beyond a complete request whose answer has not ended: the client did not wait for it.
  const Framer& answers = responses();
  const bool early = is_request(direction) && !in_body && !pending_.empty() && !answers.has_hole(false) &&
                     !answers.end_unseen();
  if (pipelined_ || early) {
    pipelined_ = true;
    counters_->abandoned.add();
    return stop(Mode::Abandoned, reason, sink);
  }
  if (paired_) proof_pos_ = answers.complete_below();
  paired_ = false;
  drop(reason, sink);
}

void Session::end_request(std::uint64_t time_ns) {
  if (!request_open_) return;
  request_open_ = false;
  Pending& last = pending_.back();
  last.exchange.request.end_ns = time_ns;
  last.http().request.body_bytes = requests().body_bytes();
  if (!requests().suspicious() || last.http().request.suspicious) return;
  last.http().request.suspicious = true;
  counters_->suspicious.add();
}

void Session::finish(Outcome outcome, std::uint64_t end_ns, bool confirmed, ExchangeSink& sink) {
  Pending& front = pending_.front();
  if (request_open_ && pending_.size() == 1) end_request(requests().last_ns());  // answered early: so far it came
  HttpExchange& http = front.http();
  if (response_begun_ && responses().suspicious() && !http.response.suspicious) {
    http.response.suspicious = true;
    counters_->suspicious.add();
  }
  if (outcome == Outcome::Answered && confirmed) http.response.body_bytes = responses().body_bytes();
  front.exchange.outcome = outcome;
  front.exchange.end_confirmed = confirmed;
  front.exchange.response.end_ns = end_ns;
  pending_bytes_ -= http.request.head.size();
  response_begun_ = false;
  if (outcome == Outcome::Answered) {
    role_proven_ = true;
    if (pending_.size() == 1) settled_ = true;
  }
  counters_->exchanges.add();
  if (!confirmed) counters_->ends_unconfirmed.add();
  std::list<Pending> done;
  done.splice(done.begin(), pending_, pending_.begin());  // before the sink sees it: the session is whole again
  sink.on_exchange(std::move(done.front().exchange));
}

void Session::drop(Counter& reason, ExchangeSink& sink) {
  response_begun_ = false;
  request_open_ = false;
  pending_bytes_ = 0;
  while (!pending_.empty()) {
    const std::uint64_t begin_pos = pending_.front().exchange.request.begin_pos;
    pending_.pop_front();
    reason.add();
    sink.on_dropped(connection_, begin_pos);
  }
}

void Session::stop(Mode mode, Counter& reason, ExchangeSink& sink) {
  mode_ = mode;
  framers_[0].lose();
  framers_[1].lose();
  drop(reason, sink);
}

void Session::become_tunnel(ExchangeSink& sink) {
  counters_->upgrades.add();
  stop(Mode::Tunnel, counters_->dropped_upgraded, sink);
}

bool Session::waiting_for_end() const {
  return response_begun_ && (responses().state() == Framer::State::Length || responses().looks_ended());
}

std::size_t Session::heap_bytes() const {
  constexpr std::size_t kNode = sizeof(Pending) + 2 * sizeof(void*);
  return pending_.size() * kNode + pending_bytes_ + segment_bytes() +
         framers_[0].heap_bytes() + framers_[1].heap_bytes();
}

}  // namespace suture::http1
