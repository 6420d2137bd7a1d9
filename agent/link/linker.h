#pragma once
// Linker: which request that a process received caused a request that it sent. Takes the evidence in the kernel's order of
// events, asks the rules (agent/link/rules/), and accepts only what is exact or what the process's own audit has shown to
// be right. Each request sent is decided once: linked, or not, at the latest when no request that might have caused it is
// open any more. Capture thread; no clock.

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>

#include "base/ids.h"
#include "link/evidence.h"
#include "link/link_counters.h"
#include "link/process_requests.h"
#include "wire/event.h"

namespace suture {

/// How a parent was found, and how sure that is.
struct LinkVerdict {
  std::string_view method;   // a value of suture.link.method, a literal
  double confidence = 1.0;   // 1: exact by construction; else the lower 95 % bound of what the audit saw
  bool audited = false;      // the process's own responses have confirmed the method, by Audit::kDisqualify samples
};

/// What the linker decides. Must not call back into it.
class LinkSink {
 public:
  virtual ~LinkSink() = default;
  virtual void on_link(ExchangeId child, ExchangeId parent, const LinkVerdict& verdict) = 0;
  /// `candidate` (0: none) may be the parent, but not surely enough.
  virtual void on_unlinked(ExchangeId child, ExchangeId candidate) = 0;
  /// The process's threads send requests for each other: it would help to know whom they wake. Said once.
  virtual void on_hands_over(const ProcessKey& process) = 0;
  /// `inbound`, of which on_request_over() said that it was held, will be nobody's parent any more.
  virtual void on_released(const ProcessKey& process, ExchangeId inbound) = 0;
};

class Linker {
 public:
  /// `sink` outlives the linker.
  explicit Linker(LinkSink& sink) : sink_(sink) {}

  /// By which evidence the kernel can say, as a request of the process is sent, for which one it is: enum trace_evidence of wire/trace.h. Only
  /// what is exact, or has been right without an exception under a load like this one's.
  std::uint32_t exact_at_send(const ProcessKey& process) const;
  /// False: on_program() is to come before its first request.
  bool knows(const ProcessKey& process) const { return processes_.contains(process); }
  void on_program(const ProcessKey& process, const KnownProgram& program);
  void on_request_read(const ProcessKey& process, Inbound&& inbound);
  void on_request_sent(const ProcessKey& process, Outbound&& outbound);
  /// `witness` is about `exchange`; `context` is the request that its thread (or its connection's opener) worked on; with
  /// WITNESS_STARTED that of whoever started the thread.
  void on_witness(const event_witness& witness, ExchangeId exchange, ExchangeId context);
  /// `tid` reads the response to `outbound`; `blocking`: by a call that would have waited.
  void on_response_read(const ProcessKey& process, ExchangeId outbound, std::uint32_t tid, bool blocking, std::uint64_t time_ns);
  /// A thread that was started for a request, and has sent some, is gone, or sleeps where some runtimes keep such threads.
  void on_thread_over(const ProcessKey& process, std::uint32_t tid, bool gone);
  /// `inbound` is the request that the sleeper read last, if it is open.
  void on_wake(const event_wake& wake, ExchangeId inbound);
  /// `tid` begins the response to `inbound`. `flags`: what its context has to do with it, see event_flags.
  void on_response_begins(const ProcessKey& process, ExchangeId inbound, std::uint32_t tid, std::uint16_t flags, std::uint64_t time_ns);
  /// The request received, or sent, has been answered, or will not be. True: it is held, as it may turn out to be somebody's parent.
  bool on_request_over(const ProcessKey& process, ExchangeId exchange);
  /// Before `time_ns` events were lost, of whatever process: what was seen before may have gone on unseen.
  void on_events_lost(std::uint64_t time_ns);
  /// The process ended, or is another program now: what was learned of it is void.
  void on_process_over(const ProcessKey& process);
  void finish();

  const LinkCounters& counters() const { return counters_; }
  const std::unordered_map<ProcessKey, std::unique_ptr<ProcessRequests>>& processes() const { return processes_; }

 private:
  ProcessRequests& requests_of(const ProcessKey& process);
  /// nullptr: it has neither received nor sent any.
  ProcessRequests* known(const ProcessKey& process);
  ProcessRequests& up_to_date(ProcessRequests& process) const;
  void link(ProcessRequests& process, ExchangeId child, ExchangeId parent, const LinkVerdict& verdict, LinkCounter counter);
  void give_up(ProcessRequests& process, const Outbound& outbound, LinkCounter counter);
  void count(ProcessRequests& process, LinkCounter counter);
  void decide_passed(ProcessRequests& process);
  void judge_queue(ProcessRequests& process);
  void release_held(const ProcessKey& key, ProcessRequests& process);
  void judge(ProcessRequests& process, Outbound& outbound);
  std::span<const std::uint64_t> find_held(ProcessRequests& process, std::span<const std::uint64_t> names);
  void find_waiting(ProcessRequests& process, Inbound& inbound, std::uint64_t name);
  void find_turns(ProcessRequests& process, const Inbound& inbound, std::uint32_t tid);
  void find_completed(ProcessRequests& process, Inbound& inbound, std::uint32_t tid);
  void suppose_spawned(ProcessRequests& process, ExchangeId outbound, std::uint32_t tid, ExchangeId starter);
  void find_spawned(ProcessRequests& process, const Inbound& inbound);
  void find_job(ProcessRequests& process, const Inbound& inbound, std::uint32_t tid, std::uint64_t time_ns);
  void at_queue(ProcessRequests& process, const event_wake& wake, ExchangeId inbound);
  void complete(ProcessRequests& process, const Outbound& outbound, Inbound& inbound);
  /// `audited_as`: the audit's port.
  void link_by_guess(ProcessRequests& process, Outbound& outbound, ExchangeId parent, const Audit& audit, std::uint16_t audited_as, std::string_view method, LinkCounter counter);

  LinkSink& sink_;
  std::uint64_t lost_ns_ = 0;  // before that events were lost; 0: none
  std::unordered_map<ProcessKey, std::unique_ptr<ProcessRequests>> processes_;
  LinkCounters counters_;
};

}  // namespace suture
