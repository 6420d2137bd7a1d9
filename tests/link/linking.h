#pragma once
// Linking: tells a Linker what one process did, and says what it decided, a line each:
//
//   Linking l;
//   l.reads(1);               // thread 1 reads request 1, in a call that waits
//   l.sends(101, 1);          // a request is sent by a thread whose context is request 1
//   l.answers(1);
//   EXPECT_EQ(l.seen(), "101 under 1 by thread\n");

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "link/linker.h"
#include "wire/runtime.h"

namespace suture::test {

class Linking final : public LinkSink {
 public:
  static constexpr ProcessKey kProcess{200, 6};

  Linker linker{*this};
  std::uint64_t now_ns = 1000;
  bool nonblocking = false;  // from now on requests are read by calls that would not have waited

  void executes(std::string_view executable) { linker.on_program(kProcess, known_program(executable)); }
  void reads(ExchangeId id, std::uint32_t tid = 1) {
    Inbound inbound;
    inbound.id = id;
    inbound.begin_ns = ++now_ns;
    inbound.tid = tid;
    inbound.port = 8080;
    inbound.blocking = !nonblocking;
    readers_[id] = tid;
    linker.on_request_read(kProcess, std::move(inbound));
  }
  void sends(ExchangeId id, ExchangeId context, std::uint32_t tid = 1) {
    Outbound outbound;
    outbound.id = id;
    outbound.begin_ns = ++now_ns;
    outbound.tid = tid;
    linker.on_request_sent(kProcess, std::move(outbound));
    witness(WITNESS_REQUEST_SENT, id, RUNTIME_NONE, {}, context, tid);
  }
  /// To the service at `port`; over a connection that was opened at `connect_ns` for it, 0: over an older one. The context of
  /// its thread says nothing.
  void sends_to(ExchangeId id, std::uint16_t port, std::uint32_t tid, std::uint64_t connect_ns = 0) {
    Outbound outbound;
    outbound.id = id;
    outbound.begin_ns = now_ns;
    outbound.connect_ns = connect_ns;
    outbound.destination.port = port;
    outbound.tid = tid;
    linker.on_request_sent(kProcess, std::move(outbound));
    witness(WITNESS_REQUEST_SENT, id, RUNTIME_NONE, {}, 0, tid);
  }
  void sends_as(ExchangeId id, runtime_kind runtime, std::initializer_list<std::uint64_t> names, ExchangeId context = 0) {
    Outbound outbound;
    outbound.id = id;
    outbound.begin_ns = ++now_ns;
    linker.on_request_sent(kProcess, std::move(outbound));
    witness(WITNESS_REQUEST_SENT, id, runtime, names, context);
  }
  /// By a thread that was started by one that worked on `starter`.
  void sends_started(ExchangeId id, ExchangeId starter, std::uint32_t tid) {
    Outbound outbound;
    outbound.id = id;
    outbound.begin_ns = ++now_ns;
    outbound.tid = tid;
    linker.on_request_sent(kProcess, std::move(outbound));
    witness(WITNESS_REQUEST_SENT, id, RUNTIME_NONE, {}, starter, tid, WITNESS_STARTED);
  }
  void exits(std::uint32_t tid) { linker.on_thread_over(kProcess, tid, true); }
  /// Thread `tid` sleeps at a word on its own stack.
  void rests_at_home(std::uint32_t tid) { linker.on_thread_over(kProcess, tid, false); }
  void witness(witness_point point, ExchangeId id, runtime_kind runtime, std::initializer_list<std::uint64_t> names, ExchangeId context = 0,
               std::uint32_t tid = 1, std::uint16_t flags = 0) {
    event_witness event{};
    event.header = {EVENT_WITNESS, flags, sizeof event, ++now_ns};
    event.tgid = kProcess.tgid;
    event.process_start_ns = kProcess.start_ns;
    event.tid = tid;
    event.connection = id;  // each exchange has one of its own
    event.point = static_cast<std::uint8_t>(point);
    event.runtime = static_cast<std::uint8_t>(runtime);
    for (std::uint64_t name : names) event.value[event.values++] = name;
    linker.on_witness(event, id, context);
  }
  /// Events were lost.
  void loses() { linker.on_events_lost(++now_ns); }
  /// `flags`: what the context of the thread that read it says, which writes the response.
  void answers(ExchangeId id, std::uint16_t flags = DATA_CONTEXT_SAME) { answers_by(readers_[id], id, flags); }
  void answers_by(std::uint32_t tid, ExchangeId id, std::uint16_t flags = 0) {
    linker.on_response_begins(kProcess, id, tid, flags, ++now_ns);
    linker.on_request_over(kProcess, id);
  }
  /// Thread `tid` reads the response to a request that was sent.
  void hears(ExchangeId id, std::uint32_t tid) { linker.on_response_read(kProcess, id, tid, !nonblocking, ++now_ns); }
  /// Whoever has read the response to `id` wakes `sleeper`, which read `inbound` last and slept on `word`.
  void wakes(ExchangeId id, std::uint32_t sleeper, ExchangeId inbound, std::uint64_t word, std::uint16_t flags = 0) {
    event_wake event = wake_at(word);
    event.header.flags = flags;
    event.sleeper = sleeper;
    event.token.connection = id;
    linker.on_wake(event, inbound);
  }
  /// Whoever has read the response to `id` has woken `worker` to go on with it.
  void passes(ExchangeId id, std::uint32_t worker) { wakes(id, worker, 0, 0, WAKE_HANDS_ANSWER); }
  /// Worker `tid` has nothing to do.
  void rests(std::uint32_t tid) {
    event_wake event = wake_at(0x20);
    event.header.flags = WAKE_QUEUE;
    event.tid = event.sleeper = tid;
    linker.on_wake(event, 0);
  }
  /// Thread `tid`, which works on `request`, goes to sleep until another one wakes it.
  void waits(ExchangeId request, std::uint32_t tid) {
    event_wake event = wake_at(now_ns);
    event.header.flags = WAKE_RAN | WAKE_UNTIMED;
    event.tid = event.sleeper = tid;
    linker.on_wake(event, request);
  }
  /// Threads with different requests were seen to sleep on `word` at once.
  void shares(std::uint64_t word) {
    event_wake event = wake_at(word);
    event.header.flags = WAKE_SHARED;
    linker.on_wake(event, 0);
  }

  LinkVerdict last;  // of the link made last
  std::vector<ExchangeId> released;

  std::string seen() { return std::exchange(seen_, {}); }

  void on_link(ExchangeId child, ExchangeId parent, const LinkVerdict& verdict) override {
    seen_ += std::to_string(child) + " under " + std::to_string(parent) + " by " + std::string(verdict.method) + "\n";
    last = verdict;
  }
  void on_unlinked(ExchangeId child, ExchangeId candidate) override {
    seen_ += std::to_string(child) + " alone" + (candidate ? ", perhaps under " + std::to_string(candidate) : "") + "\n";
  }

  void on_hands_over(const ProcessKey&) override { seen_ += "hands over\n"; }
  void on_released(const ProcessKey&, ExchangeId inbound) override { released.push_back(inbound); }

 private:
  event_wake wake_at(std::uint64_t word) {
    event_wake event{};
    event.header = {EVENT_WAKE, 0, sizeof event, ++now_ns};
    event.tgid = kProcess.tgid;
    event.process_start_ns = kProcess.start_ns;
    event.word = word;
    return event;
  }

  std::string seen_;
  std::unordered_map<ExchangeId, std::uint32_t> readers_;
};

}  // namespace suture::test
