// What the end of a connection, or of our patience, makes of the exchanges that are open.
#include "proto/http1/session.h"

namespace suture::http1 {

/// Ends the response in progress. `by_responder`: its sender has ended the stream.
void Session::end_response_at_close(End end, bool by_responder, std::uint64_t time_ns, ExchangeSink& sink) {
  if (!response_begun_) return;
  const Framer& answer = responses();
  const bool orderly = end == End::Normal;
  if (answer.state() == Framer::State::UntilClose) {
    const bool whole = orderly && by_responder;
    finish(whole ? Outcome::Answered : Outcome::Cut, whole ? answer.last_ns() : time_ns, true, sink);
  } else if (answer.looks_ended() || (orderly && answer.end_unseen())) {
    finish(Outcome::Answered, answer.last_ns(), answer.looks_ended(), sink);
  } else {
    finish(Outcome::Cut, time_ns, true, sink);
  }
  responses().lose();
}

void Session::closing(std::uint64_t time_ns, ExchangeSink& sink) {
  if (mode_ != Mode::Tracking || closing_ns_ != 0) return;
  closing_ns_ = time_ns;
  const bool responder = request_direction_ == Direction::Receive;
  // Whether the peer had ended its response by closing is told by closed().
  if (!responder && response_begun_ && responses().state() == Framer::State::UntilClose) return;
  end_response_at_close(End::Normal, responder, time_ns, sink);
}

void Session::closed(End end, bool peer_closed_first, std::uint64_t time_ns, ExchangeSink& sink) {
  if (mode_ != Mode::Tracking) return;
  const bool peer_responds = request_direction_ == Direction::Send;
  end_response_at_close(end, peer_closed_first || !peer_responds, time_ns, sink);
  drop_if_answered_unseen(sink);
  const Outcome outcome = end == End::Reset      ? Outcome::Reset
                          : end == End::TimedOut ? Outcome::TimedOut
                          : peer_closed_first    ? Outcome::PeerClosed
                                                 : Outcome::LocallyClosed;
  const std::uint64_t end_ns = end == End::Normal && closing_ns_ != 0 ? closing_ns_ : time_ns;
  while (!pending_.empty()) finish(outcome, end_ns, true, sink);
  stop(Mode::Ended, counters_->dropped_unended, sink);
}

void Session::expire(std::uint64_t older_than_ns, ExchangeSink& sink) {
  if (mode_ != Mode::Tracking) return;
  if (response_begun_ && responses().end_unseen() && responses().last_ns() < older_than_ns) {
    finish(Outcome::Answered, responses().last_ns(), false, sink);
    if (!pending_.empty()) on_hole(opposite(request_direction_), sink);  // where the next answer begins is not known
  }
  if (closing_ns_ == 0 || closing_ns_ >= older_than_ns) return;
  if (response_begun_) finish(Outcome::Answered, responses().last_ns(), false, sink);
  drop_if_answered_unseen(sink);
  while (!pending_.empty()) finish(Outcome::LocallyClosed, closing_ns_, true, sink);
  stop(Mode::Ended, counters_->dropped_unended, sink);
}

/// Bytes came back that nobody saw: that a request was not answered would be invented.
void Session::drop_if_answered_unseen(ExchangeSink& sink) {
  if (!pending_.empty() && responses().has_hole(false)) on_hole(opposite(request_direction_), sink);
}

bool Session::may_expire() const {
  if (mode_ != Mode::Tracking) return false;
  const Framer::State state = responses().state();
  const bool unseen = response_begun_ && (state == Framer::State::Chunked || state == Framer::State::Unknown);
  return unseen || (closing_ns_ != 0 && !pending_.empty());
}

}  // namespace suture::http1
