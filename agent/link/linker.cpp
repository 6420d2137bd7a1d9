#include "link/linker.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "link/rules/completion.h"
#include "link/rules/thread.h"
#include "link/rules/waiter.h"
#include "wire/runtime.h"
#include "wire/trace.h"

namespace suture {
namespace {

/// Ownerless requests that must be given up before it is worth while to watch who wakes whom: a service may have a job of its
/// own that sends now and then.
constexpr std::uint32_t kHandsOver = 4;

/// Of an answer that a loop has passed on to a worker: none of 117 000 was wrong, but nothing promises that (docs/decisions.md).
constexpr double kPassedOnConfidence = 0.999;

/// Where goroutines and tasks move between threads, what a thread read last says nothing about what it sends.
bool thread_says_nothing(const event_witness& witness) {
  return witness.values > 0 || witness.runtime == RUNTIME_GO || witness.runtime == RUNTIME_TOKIO;
}

}  // namespace

std::uint32_t Linker::exact_at_send(const ProcessKey& key) const {
  const auto found = processes_.find(key);
  if (found == processes_.end()) return 0;
  const ProcessRequests& process = *found->second;
  if (!process.threads_tell) return process.goroutines ? std::uint32_t{TRACE_BY_GOROUTINE} : 0;
  bool disqualified = false, trusted = false, doubted = false;
  for (const auto& [of, agreement] : process.thread_audit.classes()) {
    disqualified |= process.thread_audit.disqualified(of.port, of.load);
    const Trust trust = process.thread_audit.trust(of.port, process.load());
    trusted |= trust == Trust::Yes;
    doubted |= trust != Trust::Yes;
  }
  if (disqualified) return 0;
  if (process.program.runs_to_completion || (trusted && !doubted && process.loops())) return TRACE_BY_LAST_READ;
  return process.loops() ? 0 : std::uint32_t{TRACE_BY_THREAD};
}

ProcessRequests& Linker::requests_of(const ProcessKey& process) {
  std::unique_ptr<ProcessRequests>& requests = processes_[process];
  if (!requests) requests = std::make_unique<ProcessRequests>();
  return up_to_date(*requests);
}

ProcessRequests* Linker::known(const ProcessKey& process) {
  const auto found = processes_.find(process);
  return found == processes_.end() ? nullptr : &up_to_date(*found->second);
}

/// Here, and not where the loss is told: on a busy host it is told again and again.
ProcessRequests& Linker::up_to_date(ProcessRequests& process) const {
  if (process.lost_ns() < lost_ns_) process.forget_before(lost_ns_);
  return process;
}

void Linker::on_events_lost(std::uint64_t time_ns) { lost_ns_ = std::max(lost_ns_, time_ns); }

void Linker::on_program(const ProcessKey& process, const KnownProgram& program) { requests_of(process).program = program; }

void Linker::on_request_read(const ProcessKey& process, Inbound&& inbound) {
  ProcessRequests& requests = requests_of(process);
  requests.completions.put_down(inbound.tid);
  requests.jobs.reads(inbound.tid);
  if (requests.turns) requests.turns->read(inbound);
  const Inbound& received = requests.receive(std::move(inbound));
  if (requests.queue) requests.queue->begins(received.id, received.begin_ns);
}

void Linker::on_request_sent(const ProcessKey& process, Outbound&& outbound) {
  ProcessRequests& requests = requests_of(process);
  requests.completions.put_down(outbound.tid);
  if (requests.in_flight() == 0) {
    count(requests, &LinkCounters::background);
    return sink_.on_unlinked(outbound.id, 0);
  }
  if (requests.turns) requests.turns->called(outbound);
  requests.send(std::move(outbound));
  if (requests.waiting().size() > ProcessRequests::kMaxWaiting) give_up(requests, requests.waiting().begin()->second, &LinkCounters::given_up);
}

void Linker::on_witness(const event_witness& witness, ExchangeId exchange, ExchangeId thread) {
  ProcessRequests* const found = known(ProcessKey{witness.tgid, witness.process_start_ns});
  if (found == nullptr) return;
  ProcessRequests& process = *found;
  std::span<const std::uint64_t> names(witness.value, std::min<std::size_t>(witness.values, SUTURE_WITNESS_VALUES));
  if (witness.point == WITNESS_REQUEST_READ || witness.point == WITNESS_RESPONSE_SENT) {
    Inbound* inbound = process.inbound(exchange);
    if (inbound == nullptr) return;
    for (std::uint64_t name : names) {
      process.name(*inbound, name);
      find_waiting(process, *inbound, name);
    }
    return;
  }
  if (witness.runtime == RUNTIME_TOKIO) names = find_held(process, names);
  const bool started = (witness.header.flags & WITNESS_STARTED) != 0;
  if (started && !thread_says_nothing(witness)) suppose_spawned(process, exchange, witness.tid, thread);
  Outbound* outbound = process.outbound(exchange);
  if (outbound == nullptr) return;
  outbound->names.insert(outbound->names.end(), names.begin(), names.end());
  if (witness.runtime == RUNTIME_GO || witness.runtime == RUNTIME_TOKIO) process.threads_tell = false;
  if (witness.runtime == RUNTIME_GO) process.goroutines = true;
  const ExchangeId context = started ? 0 : thread;
  if (witness.point == WITNESS_REQUEST_SENT) {
    if (!thread_says_nothing(witness)) outbound->context = context;
    if (context == 0 && process.held_by(witness.tid) == 0) {
      process.ownerless(*outbound, witness.connection, witness.seq);
      process.jobs.sends(*outbound);
      if (process.queue) process.queue->sends(*outbound, witness.header.time_ns);
    }
  }
  judge(process, *outbound);
  if (process.turns || witness.point != WITNESS_REQUEST_SENT || thread_says_nothing(witness) || process.held_by(witness.tid) == 0) return;
  if (const Outbound* unexplained = process.outbound(exchange)) {
    process.search_turns();
    process.turns->called(*unexplained);
  }
}

/// Behind the name of who waits come those of others that it will wait for: what waits for them waits for it. Returns the first.
std::span<const std::uint64_t> Linker::find_held(ProcessRequests& process, std::span<const std::uint64_t> names) {
  if (names.size() < 2) return names;
  Inbound* inbound = process.inbound(process.named(names.front()));
  for (std::uint64_t name : names.subspan(1)) {
    if (inbound == nullptr) break;
    process.name(*inbound, name);
    find_waiting(process, *inbound, name);
  }
  return names.first(1);
}

/// The thread that sends was started by one that worked on `starter`, 0: on nothing that is open still.
void Linker::suppose_spawned(ProcessRequests& process, ExchangeId id, std::uint32_t tid, ExchangeId starter) {
  Inbound* request = process.inbound(starter);
  if (request && request->answered) request = nullptr;
  process.spawns.sends(tid, request, process.load());
  Outbound* outbound = process.outbound(id);
  if (outbound == nullptr || request == nullptr || process.loops() || process.held_by(request->tid) != 1) return;
  outbound->spawner = request->id;
  outbound->claims = true;
  request->spawned.push_back(id);
}

/// Links a request that was sent, if what is known by now is enough.
void Linker::judge(ProcessRequests& process, Outbound& outbound) {
  if (const ExchangeId parent = propose_by_waiter(process, outbound))
    return link(process, outbound.id, parent, {.method = "waiter"}, &LinkCounters::by_waiter);
  const ThreadProposal proposal = propose_by_thread(process, outbound);
  if (proposal.parent == 0) return;
  if (!std::exchange(outbound.claims, true)) ++process.inbound(proposal.parent)->claimed;
  outbound.candidate = proposal.plausible ? proposal.parent : 0;
  if (proposal.trust != Trust::Yes) return;
  link(process, outbound.id, proposal.parent, {proposal.exact ? "thread" : "policy", proposal.confidence, proposal.audited},
       proposal.exact ? &LinkCounters::by_thread : &LinkCounters::by_policy);
}

/// `inbound` is now known under `name`: what was sent since it was read may have waited for it.
void Linker::find_waiting(ProcessRequests& process, Inbound& inbound, std::uint64_t name) {
  if (process.named(name) != inbound.id) return;
  std::vector<ExchangeId> found;
  for (const auto& [number, outbound] : process.waiting())
    if (waits_for(outbound, inbound, name)) found.push_back(outbound.id);
  for (ExchangeId child : found) link(process, child, inbound.id, {.method = "waiter"}, &LinkCounters::by_waiter);
}

void Linker::on_response_read(const ProcessKey& process, ExchangeId id, std::uint32_t tid, bool blocking, std::uint64_t time_ns) {
  ProcessRequests* const found = known(process);
  if (found == nullptr) return;
  ProcessRequests& requests = *found;
  if (requests.turns) requests.turns->answered(id, time_ns);
  Outbound* outbound = requests.outbound(id);
  if (outbound) outbound->heard_ns = time_ns;
  if (outbound && outbound->ownerless && requests.queue) requests.queue->hears(tid, id, time_ns);
  // The thread of a loop (a selector) reads answers to anybody's requests, and wakes whom it likes next. One that waits for
  // its own answer with a time-out looks alike but for having sent the request itself.
  if (outbound) outbound->polled = !blocking && (requests.loops() || outbound->tid != tid);
  if (outbound && outbound->ownerless && outbound->polled) requests.completions.poll(*outbound);
  if (outbound && outbound->ownerless && !outbound->polled) {
    requests.completions.carry(tid, id);
    requests.jobs.hears(tid, id);
  } else {
    requests.completions.put_down(tid);
  }
}

void Linker::on_wake(const event_wake& wake, ExchangeId id) {
  ProcessRequests* const found = known(ProcessKey{wake.tgid, wake.process_start_ns});
  if (found == nullptr) return;
  ProcessRequests& process = *found;
  if (wake.header.flags & WAKE_SHARED) return process.completions.share(wake.word);
  if (wake.header.flags & (WAKE_RAN | WAKE_QUEUE)) return at_queue(process, wake, id);
  Outbound* outbound = process.ownerless_at(wake.token.connection, wake.token.seq);
  if (wake.header.flags & WAKE_HANDS_ANSWER) {
    if (outbound) process.completions.hand(*outbound);
    return;
  }
  const Inbound* inbound = process.inbound(id);
  // What a loop has read counts where it was passed on: to one worker, never through a queue from which others take too.
  const bool passed_on = (wake.header.flags & WAKE_PASSED_ON) != 0;
  if (outbound == nullptr || outbound->polled != passed_on || inbound == nullptr || !may_wait(process, *outbound, *inbound, wake.sleeper)) return;
  if (process.queue) process.queue->is_woken(id, wake.header.time_ns);
  // Whose last time awake began after that was sent hardly sleeps for it: the worker may have taken up another answer without having slept, or
  // have left a lock. A thread that reads answers itself has no other in hand.
  if (passed_on && inbound->ran_ns > outbound->begin_ns) return;
  process.completions.wake(*outbound, {wake.sleeper, id, wake.word, wake.header.time_ns});
}

void Linker::at_queue(ProcessRequests& process, const event_wake& wake, ExchangeId inbound) {
  const std::uint64_t now_ns = wake.header.time_ns;
  if (wake.header.flags & WAKE_RAN) {
    // A selector that has read an answer for it has its context too, and is none of those that work on it.
    Inbound* const worked = process.inbound(inbound);
    if (worked == nullptr || worked->tid != wake.tid) return;
    worked->ran_ns = wake.word;
    // CPython waits for its interpreter's lock with a time-out, in the middle of anything.
    const bool waits = (wake.header.flags & WAKE_UNTIMED) || ((wake.header.flags & WAKE_TIMED) && process.program.one_at_a_time);
    if (process.queue) process.queue->sleeps(inbound, wake.word, now_ns, waits);
  } else if (wake.tid == wake.sleeper) {
    process.jobs.rests(wake.sleeper, now_ns);
    if (process.queue) process.queue->rests(wake.sleeper, now_ns);
  } else if (process.queue) {
    process.queue->wakes(wake.sleeper, wake.word, now_ns);
  }
}

void Linker::on_thread_over(const ProcessKey& process, std::uint32_t tid, bool gone) {
  ProcessRequests* const found = known(process);
  if (found == nullptr || (!gone && !found->program.keeps_threads)) return;
  Inbound* const starter = found->inbound(found->spawns.exits(tid));
  if (starter == nullptr) return;
  for (ExchangeId id : starter->spawned) {
    Outbound* outbound = found->outbound(id);
    if (outbound && outbound->tid == tid) outbound->thread_over = true;
  }
  if (starter->answered) find_spawned(*found, *starter);
}

/// `tid` answers `inbound`: the calls that were made in its turns are its own, if it is seen to take turns.
void Linker::find_turns(ProcessRequests& process, const Inbound& inbound, std::uint32_t tid) {
  if (!process.turns) return;
  const TurnSearch::Found found = process.turns->responds(inbound, tid, process.load());
  for (ExchangeId call : found.calls)
    if (process.outbound(call)) link(process, call, inbound.id, {"policy", found.confidence, true}, &LinkCounters::by_policy);
}

/// `tid` answers `inbound`: what it waited for was sent for that.
void Linker::find_completed(ProcessRequests& process, Inbound& inbound, std::uint32_t tid) {
  for (ExchangeId id : process.completions.woke(tid)) {
    const Outbound* outbound = process.outbound(id);
    const Woken* waited = outbound ? process.completions.waited(*outbound) : nullptr;
    if (waited == nullptr || waited->tid != tid) continue;
    const bool agrees = waited->inbound == inbound.id;
    process.completion_audit.add(inbound.port, process.load(), agrees);
    if (agrees) complete(process, *outbound, inbound);
  }
  // A thread that had read the request itself, and then an answer to something else, is no sign.
  const Outbound* carried = process.outbound(process.completions.take(tid));
  if (carried && inbound.tid != tid && carried->begin_ns >= inbound.begin_ns) complete(process, *carried, inbound);
}

/// `inbound` is being answered, or was: what threads that were started for it have sent was sent for it, if they have ended, or
/// if that is how threads are used here. What exact rules have found by now is out of the question.
void Linker::find_spawned(ProcessRequests& process, const Inbound& inbound) {
  const Audit& audit = process.spawns.audit();
  const LoadClass load = process.load();
  for (ExchangeId id : inbound.spawned) {
    Outbound* outbound = process.outbound(id);
    if (outbound == nullptr || outbound->spawner != inbound.id) continue;
    const bool kept = process.program.keeps_threads, audited = audit.confirms(inbound.port, load);
    if (outbound->thread_over && !process.doubtful(*outbound) && (kept ? audited : !audit.disqualified(inbound.port, load))) {
      // Where threads are kept, that it has ended is as sure as what was seen of others.
      link(process, id, inbound.id, {"spawn", kept ? audit.lower_bound(inbound.port, load) : 1.0, audited}, &LinkCounters::by_spawn);
      continue;
    }
    link_by_guess(process, *outbound, inbound.id, audit, inbound.port, "spawn", &LinkCounters::by_spawn);
  }
}

/// `tid` answers `inbound`, which another thread has read: what it has sent since it was free was sent for it, if that is how work is
/// given out here.
void Linker::find_job(ProcessRequests& process, const Inbound& inbound, std::uint32_t tid, std::uint64_t time_ns) {
  for (ExchangeId id : process.jobs.answers(tid, inbound, time_ns)) {
    Outbound* outbound = process.outbound(id);
    if (outbound == nullptr || !process.threads_tell) continue;
    outbound->claims = true;
    if (process.jobs.trusted()) link(process, id, inbound.id, {"handover", process.jobs.lower_bound(), true}, &LinkCounters::by_handover);
  }
}

/// A guess becomes a link only where the audit has seen enough of them and no exception.
void Linker::link_by_guess(ProcessRequests& process, Outbound& outbound, ExchangeId parent, const Audit& audit, std::uint16_t audited_as, std::string_view method,
                           LinkCounter counter) {
  const LoadClass load = process.load();
  if (audit.trust(audited_as, load) == Trust::Yes)
    link(process, outbound.id, parent, {method, audit.lower_bound(audited_as, load), true}, counter);
  else if (audit.likely(audited_as, load)) outbound.candidate = parent;
}

void Linker::complete(ProcessRequests& process, const Outbound& outbound, Inbound& inbound) {
  const Audit& audit = process.completion_audit;
  if (process.doubtful(outbound) || !process.program.wakes_complete || !process.threads_tell || audit.disqualified(inbound.port, process.load())) return;
  if (outbound.polled && (!process.passing_on_tells() || process.completions.mistakable(outbound))) return;
  if (outbound.polled) process.passed_on.add(true);
  process.spawns.found(outbound.spawner, inbound, process.load());
  if (process.queue) process.queue->found(outbound.id, inbound.id);
  link(process, outbound.id, inbound.id, {"completion", outbound.polled ? kPassedOnConfidence : 1.0, audit.confirms(inbound.port, process.load())}, &LinkCounters::by_completion);
}

void Linker::on_response_begins(const ProcessKey& process, ExchangeId id, std::uint32_t tid, std::uint16_t flags, std::uint64_t time_ns) {
  ProcessRequests* const found = known(process);
  if (found == nullptr) return;
  ProcessRequests& requests = *found;
  Inbound* inbound = requests.inbound(id);
  if (inbound == nullptr || inbound->answered) return;
  const bool same = (flags & DATA_CONTEXT_SAME) != 0, other = (flags & DATA_CONTEXT_OTHER) != 0;
  // A request for which nothing was sent, answered by the thread that read it, says nothing about what is sent. One for which threads
  // were started that sent something does: whoever waits for those reads nothing else.
  if (inbound->claimed > 0 || !inbound->spawned.empty() || other) requests.thread_audit.add(inbound->port, requests.load(), same);
  find_turns(requests, *inbound, tid);
  find_completed(requests, *inbound, tid);
  find_job(requests, *inbound, tid, time_ns);
  requests.spawns.answers(tid, *inbound);
  find_spawned(requests, *inbound);
  if (requests.queue) requests.queue->answers(id, time_ns);
  requests.answered(*inbound);
}

bool Linker::on_request_over(const ProcessKey& process, ExchangeId inbound) {
  ProcessRequests* const found = known(process);
  if (found == nullptr) return false;
  ProcessRequests& requests = *found;
  const bool may_be_held = requests.queue && requests.inbound(inbound);
  if (requests.queue) requests.queue->over(inbound);
  requests.forget(inbound);
  if (requests.turns) requests.turns->over(inbound);
  if (requests.turns && requests.turns->may_try_again() && requests.in_flight() == 0) requests.turns.reset();
  if (requests.waiting().empty()) requests.completions.forget_threads();
  const std::uint32_t before = requests.orphans;
  judge_queue(requests);
  decide_passed(requests);
  release_held(process, requests);
  if (before < kHandsOver && requests.orphans >= kHandsOver && requests.threads_tell) {
    requests.watch_queue();
    sink_.on_hands_over(process);
  }
  if (!may_be_held || requests.queue->judged() == requests.queue->calls()) return false;
  requests.held.push_back({inbound, requests.queue->calls()});
  return true;
}

void Linker::judge_queue(ProcessRequests& process) {
  if (!process.queue) return;
  Audit& audit = process.queue_audit;
  Audit& places = process.queue_places;
  const LoadClass load = process.load();
  for (const Queue::Judged& judged : process.queue->judge(process.over_up_to())) {
    if (judged.known != 0) {
      audit.add(0, load, judged.request == judged.known);
      places.add(judged.to.port, load, judged.request == judged.known);
      continue;
    }
    Outbound* const outbound = process.outbound(judged.call);
    if (outbound == nullptr || outbound->heard_ns == 0 || !process.threads_tell) continue;
    if (judged.request == 0) {
      audit.add(0, load, false);
      places.add(judged.to.port, load, false);
      continue;
    }
    outbound->claims = true;
    if (places.agreeing(judged.to.port, load) >= Audit::kDisqualify)
      link_by_guess(process, *outbound, judged.request, audit, 0, "handover", &LinkCounters::by_handover);
  }
}

/// Once all calls are judged that were made before they were over.
void Linker::release_held(const ProcessKey& key, ProcessRequests& process) {
  while (!process.held.empty() && process.held.front().until <= process.queue->judged()) {
    sink_.on_released(key, process.held.front().request);
    process.held.pop_front();
  }
}

/// What was sent while requests were open that have all ended since has no parent.
void Linker::decide_passed(ProcessRequests& process) {
  while (!process.waiting().empty()) {
    const Outbound& oldest = process.waiting().begin()->second;
    if (!process.passed(oldest.horizon)) return;
    if (oldest.ownerless) ++process.orphans;
    give_up(process, oldest, oldest.claims ? &LinkCounters::not_trusted : &LinkCounters::no_evidence);
  }
}

void Linker::link(ProcessRequests& process, ExchangeId child, ExchangeId parent, const LinkVerdict& verdict, LinkCounter counter) {
  count(process, counter);
  process.decided(child);
  sink_.on_link(child, parent, verdict);
}

void Linker::count(ProcessRequests& process, LinkCounter counter) {
  (counters_.*counter).add();
  (process.counters.*counter).add();
}

void Linker::give_up(ProcessRequests& process, const Outbound& outbound, LinkCounter counter) {
  count(process, counter);
  if (outbound.polled && outbound.ownerless) process.passed_on.add(process.completions.waited(outbound) != nullptr);
  const ExchangeId child = outbound.id, candidate = outbound.candidate;
  process.decided(child);
  sink_.on_unlinked(child, candidate);
}

void Linker::on_process_over(const ProcessKey& process) {
  const auto found = processes_.find(process);
  if (found == processes_.end()) return;
  const std::unique_ptr<ProcessRequests> requests = std::move(found->second);
  processes_.erase(found);
  for (const ProcessRequests::Held& held : requests->held) sink_.on_released(process, held.request);
  while (!requests->waiting().empty()) give_up(*requests, requests->waiting().begin()->second, &LinkCounters::given_up);
}

void Linker::finish() {
  while (!processes_.empty()) on_process_over(ProcessKey(processes_.begin()->first));
}

}  // namespace suture
