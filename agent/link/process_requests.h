#pragma once
// ProcessRequests: what one process has received and not answered, and what it has sent and nobody knows why.

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <unordered_map>

#include "link/audit.h"
#include "link/evidence.h"
#include "link/known_programs.h"
#include "link/link_counters.h"
#include "link/rules/completion.h"
#include "link/rules/job.h"
#include "link/rules/queue.h"
#include "link/rules/spawn.h"
#include "link/rules/turn_search.h"

namespace suture {

class ProcessRequests {
 public:
  /// Requests sent that may wait for a parent; over it the oldest is given up. Far beyond what a process has in flight.
  static constexpr std::size_t kMaxWaiting = 65'536;
  /// Of the answers that a loop read. Where calls of both kinds are made, those that nobody waits for may be many.
  static constexpr double kPassedOn = 0.25;

  Inbound& receive(Inbound&& inbound);
  Inbound* inbound(ExchangeId id);
  const Inbound* inbound(ExchangeId id) const { return const_cast<ProcessRequests*>(this)->inbound(id); }
  /// Its response has begun: its thread is free for the next one.
  void answered(Inbound& inbound);
  void forget(ExchangeId inbound);

  /// Runtimes name what runs a request. A name that two requests have at once names neither.
  void name(Inbound& inbound, std::uint64_t name);
  ExchangeId named(std::uint64_t name) const;

  Outbound& send(Outbound&& outbound);
  Outbound* outbound(ExchangeId id);
  /// By the order in which they were sent.
  const std::map<std::uint64_t, Outbound>& waiting() const { return waiting_; }
  void decided(ExchangeId outbound);
  /// The thread that sent it worked on nothing.
  void ownerless(Outbound& outbound, std::uint64_t connection, std::uint32_t seq);
  /// The ownerless one that begins there, if it waits.
  Outbound* ownerless_at(std::uint64_t connection, std::uint32_t seq);

  /// A request that was sent when `horizon` was the last one received can have no parent any more.
  bool passed(std::uint64_t horizon) const { return horizon <= over_up_to(); }
  /// Of the requests that were read, so many first ones are over.
  std::uint64_t over_up_to() const { return open_.empty() ? received_ : open_.begin()->first - 1; }

  std::size_t in_flight() const { return open_.size(); }
  LoadClass load() const { return load_class(open_.size()); }
  /// One thread has had two requests at once: it runs a loop, and its context is that of whatever it read last.
  bool loops() const { return loops_; }
  /// The request read last was read by a call that waits for its bytes alone.
  bool waits_to_read() const { return waits_to_read_; }
  /// A thread's context names the parent for sure. `blocking`: the parent was read by a call that waits for its bytes alone;
  /// a thread that waits for one request's bytes serves that one. A call that would not have waited may be a loop's.
  bool thread_is_exact(bool blocking) const { return program.runs_to_completion || (blocking && !loops_); }
  /// Where a loop passes answers on to workers, most lead to a thread that waits. Where hardly any do, nobody waits that way, and
  /// what is woken on the way had slept at a lock.
  bool passing_on_tells() const { return passed_on.samples() >= Audit::kDisqualify && passed_on.share() >= kPassedOn; }
  /// Events were lost before `time_ns`: whom threads worked for, and what ran a request, may have changed since they were seen.
  void forget_before(std::uint64_t time_ns);
  std::uint64_t lost_ns() const { return lost_ns_; }
  /// Something that would have told of it may be lost.
  bool doubtful(const Outbound& outbound) const { return outbound.begin_ns < lost_ns_; }
  /// Looks for the order in which it takes its requests.
  void search_turns();
  /// From now on it is told who wakes whom.
  void watch_queue();
  /// Requests that the thread has read and nobody answered.
  std::uint32_t held_by(std::uint32_t tid) const;

  KnownProgram program;
  bool threads_tell = true;  // false: what its requests run on moves between threads
  bool goroutines = false;   // it is those
  Audit thread_audit;
  Audit completion_audit;
  Completions completions;
  Agreement passed_on;   // of the answers that a loop read: did passing them on lead to who waited
  Spawns spawns;
  Jobs jobs;
  std::unique_ptr<TurnSearch> turns;  // from the first request on that the thread does not explain
  std::unique_ptr<Queue> queue;  // from when it is told who sleeps and who wakes whom
  Audit queue_audit, queue_places;  // of all together, and by the port to which calls go
  struct Held {
    ExchangeId request;
    std::uint64_t until;  // so many calls are judged, Queue::judged()
  };
  std::deque<Held> held;  // requests that are over, and may turn out to be somebody's parent
  LinkCounters counters;
  std::uint32_t orphans = 0;        // ownerless requests that were given up

 private:
  std::map<std::uint64_t, Inbound> open_;                     // by the order in which they were read
  std::unordered_map<ExchangeId, std::uint64_t> order_;
  std::unordered_map<std::uint32_t, std::uint32_t> by_thread_;  // requests read and not answered; none: no entry
  std::unordered_multimap<std::uint64_t, ExchangeId> names_;
  std::map<std::uint64_t, Outbound> waiting_;                 // by the order in which they were sent
  std::unordered_map<ExchangeId, std::uint64_t> waiting_order_;
  std::map<std::pair<std::uint64_t, std::uint32_t>, ExchangeId> ownerless_;  // by connection and first byte
  std::uint64_t received_ = 0, sent_ = 0;
  std::uint64_t lost_ns_ = 0;
  bool loops_ = false;
  bool waits_to_read_ = false;
};

}  // namespace suture
