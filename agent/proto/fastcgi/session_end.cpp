// What the end of a connection, or of our patience, makes of the exchange that is open.
#include "proto/fastcgi/session.h"

namespace suture::fastcgi {

void Session::closing(std::uint64_t time_ns, ExchangeSink& sink) {
  if (over_ || closing_ns_ != 0) return;
  closing_ns_ = time_ns;
  if (looks_ended() && end_due() == responses().moved) finish(Outcome::Answered, responses().last_ns, true, sink);
}

void Session::closed(End end, bool peer_closed_first, std::uint64_t time_ns, ExchangeSink& sink) {
  if (over_) return;
  const bool orderly = end == End::Normal;
  if (answered_unseen() && pending_) hole(sink);
  if (pending_ && answer_ != Answer::None) {
    const bool ended = looks_ended() && end_due() == responses().moved;
    if (ended || (orderly && end_unseen())) finish(Outcome::Answered, responses().last_ns, ended, sink);
    else finish(Outcome::Cut, time_ns, true, sink);
  }
  const Outcome outcome = end == End::Reset      ? Outcome::Reset
                          : end == End::TimedOut ? Outcome::TimedOut
                          : peer_closed_first    ? Outcome::PeerClosed
                                                 : Outcome::LocallyClosed;
  if (pending_) finish(outcome, orderly && closing_ns_ != 0 ? closing_ns_ : time_ns, true, sink);
  over_ = true;
}

void Session::expire(std::uint64_t older_than_ns, ExchangeSink& sink) {
  if (over_ || !pending_) return;
  if (end_unseen() && responses().last_ns < older_than_ns) return finish(Outcome::Answered, responses().last_ns, false, sink);
  if (closing_ns_ == 0 || closing_ns_ >= older_than_ns) return;
  if (answer_ != Answer::None) finish(Outcome::Answered, responses().last_ns, false, sink);
  else if (answered_unseen()) hole(sink);
  else finish(Outcome::LocallyClosed, closing_ns_, true, sink);
  over_ = true;
}

bool Session::may_expire() const { return !over_ && pending_ && (end_unseen() || closing_ns_ != 0); }

}  // namespace suture::fastcgi
