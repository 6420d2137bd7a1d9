#pragma once
// Rule "handover" by the order of the queue: a pool's workers take calls out of their queue in the order in which they were put there. When a
// call was taken is known within bounds (its worker was free before, and had sent it after), and so is when a thread that waited for its
// calls had put them there: before it went to sleep. Calls that `completion` knows show between which times one that is not known was put
// there. Where of the requests that waited, and have no known call to that place, a single one can have done so, it is that one's. Known
// calls are held out and judged alike: as long as no answer was wrong, and no call was nobody's, the others are believed. Judged when all
// requests that may be the one are over.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "link/evidence.h"

namespace suture {

/// The calls that workers of one process have made, and the requests whose threads may have handed them over.
class Queue {
 public:
  /// Over any of these all is forgotten. Calls that are not judged yet are compared with all others.
  static constexpr std::size_t kMaxCalls = 1024, kMaxRequests = 4096, kMaxThreads = 4096;
  /// Times remembered at which a request's thread may have put calls there; over it the last one grows.
  static constexpr std::size_t kMaxWaits = 16;
  /// Calls on either side for which enough requests must be left.
  static constexpr std::size_t kNear = 40;
  /// Where each thread sleeps at a word of its own, one that has slept for less may have slept at a lock, with the call in its hands
  /// already; in ns.
  static constexpr std::uint64_t kShort = 20'000'000;

  struct Judged {
    ExchangeId call;
    ExchangeId request;  // 0: no request that is known of can have made it
    ExchangeId known;    // what `completion` says; 0: nothing
    Destination to;
  };

  // The worker `tid`
  void rests(std::uint32_t tid, std::uint64_t now_ns);
  void wakes(std::uint32_t tid, std::uint64_t word, std::uint64_t now_ns);
  /// has read the answer to `call`.
  void hears(std::uint32_t tid, ExchangeId call, std::uint64_t now_ns);
  /// `outbound.horizon` is set.
  void sends(const Outbound& outbound, std::uint64_t now_ns);

  // The thread that has read `request`
  void begins(ExchangeId request, std::uint64_t now_ns);
  /// had read it before anything was told of it.
  void has_begun(ExchangeId request, std::uint64_t begin_ns);
  /// goes to sleep, having been awake since `from_ns`. `waits`: until another thread wakes it.
  void sleeps(ExchangeId request, std::uint64_t from_ns, std::uint64_t to_ns, bool waits);
  /// is woken by whoever has the answer to a call that may be its.
  void is_woken(ExchangeId request, std::uint64_t now_ns);
  /// Exactly known: `call` was made for `request`.
  void found(ExchangeId call, ExchangeId request);
  /// begins to answer it.
  void answers(ExchangeId request, std::uint64_t now_ns);
  void over(ExchangeId request);

  /// What can be said of the calls before which only requests were read that are over: those numbered up to `over_up_to`.
  std::vector<Judged> judge(std::uint64_t over_up_to);
  /// Requests that were over before this many calls were made are nobody's parent any more.
  std::uint64_t judged() const { return first_call_ + judged_; }
  std::uint64_t calls() const { return first_call_ + calls_.size(); }
  /// Nothing is said of what was seen until now.
  void forget();

 private:
  struct Span {
    std::uint64_t from_ns = 0, to_ns = 0;  // to_ns 0: not known
    bool before(const Span& other) const { return to_ns <= other.from_ns; }
    bool beside(const Span& other) const { return !before(other) && !other.before(*this); }
  };
  struct Worker {
    std::uint64_t free_ns = 0, rested_ns = 0;
  };
  struct Call {
    ExchangeId id;
    Destination to;
    std::uint64_t horizon;
    Span taken;
    std::uint64_t heard_ns = 0;
    ExchangeId request = 0;
    Span put{};            // where the request is known
    bool crossed = false;  // another one that is known was put there later and taken earlier, or the other way round
    bool ordered() const { return put.to_ns != 0 && taken.from_ns != 0 && !crossed; }
  };
  struct Request {
    ExchangeId id;
    Span open;  // until it has begun to be answered
    std::uint64_t answered_ns = 0;
    bool over = false;
    bool doubtful = false;  // what its thread did first is not known
    Span awake{};          // since it slept for other reasons than others' work
    bool waits = false;    // in the end of that
    std::vector<Span> waited{};  // as `awake` was, each time that it went to sleep so, or calls had been made and answered meanwhile
    Span put{};            // as `awake` was when an answer woke it first, at
    std::uint64_t woken_ns = 0;
    std::uint64_t done_ns = 0;          // when, since an answer woke it last, it slept for other reasons
    std::vector<Destination> called{};  // for it, as is known
    bool lacks(const Destination& to) const;
    std::span<const Span> may_have_put() const;
  };
  void begin(Request&& request);
  bool is_queue(std::uint64_t word, std::uint32_t tid);
  Request* request(ExchangeId id);
  bool leaves_enough(const Request& own, std::size_t at, bool before) const;
  std::optional<ExchangeId> place(std::size_t at) const;
  std::optional<ExchangeId> place_known(std::size_t at);
  void drop_old();

  std::unordered_map<std::uint32_t, Worker> workers_;
  std::unordered_map<std::uint64_t, std::uint32_t> sleepers_;  // by the word at which they sleep; 0: several do
  std::uint64_t queue_ = 0;       // the word at which most are woken, or kOwnWords
  std::uint32_t lead_ = 0;        // by how many
  std::deque<Call> calls_;        // in the order in which they were sent
  std::deque<Request> requests_;  // in the order in which they were read
  std::unordered_map<ExchangeId, std::uint64_t> call_at_, request_at_;  // from the first ever
  std::uint64_t first_call_ = 0, first_request_ = 0;  // of those that are there
  std::size_t judged_ = 0;                            // of calls_
  std::uint64_t last_sent_ = 0;                       // of those that are answered, when the latest was sent
};

}  // namespace suture
