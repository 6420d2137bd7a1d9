#pragma once
// ProcessTable: which service each process is. Lives on the capture thread, which feeds it the life of processes in
// ring order and asks it for resources. It waits for nobody: what a FactsSource does not tell at once is awaited.
//
//   fork   the child is what its parent is, until it executes something else
//   exec   what was known is void; facts are asked for at once, as a short process is gone at its first request. If it
//          is gone already, the kernel's file name and arguments still give a name. A storm of execs is asked for at
//          first use
//   exit   the facts stay for 30 s of event time: spans of a dead process come late
//   never seen: processes older than the agent are asked for at their first use
//
// Without a source (replays) facts come by learn() alone.

#include <cstdint>
#include <list>
#include <optional>
#include <unordered_map>

#include "base/counter.h"
#include "base/ids.h"
#include "process/facts_source.h"
#include "process/host_facts.h"
#include "process/process_facts.h"
#include "trace/batch.h"
#include "wire/event.h"

namespace suture {

/// Told of all facts that the table settles on by itself, the moment it does, on the capture thread: a table that is
/// fed these by learn() gives the same resources without /proc. Not told of what learn() fed.
class FactsListener {
 public:
  virtual ~FactsListener() = default;
  virtual void on_facts(const ProcessKey& key, const ProcessFacts& facts) = 0;
};

class ProcessTable : public ResourceSource {
 public:
  struct Counters {
    Counter execs, forks, exits;
    Counter from_proc;              // facts that the source gave
    Counter from_exec;              // the source came too late: named by the exec event
    Counter from_parent;            // the source came too late: named as its parent
    Counter unknown;                // nothing known but the pid
    Counter malformed_environment;  // OTEL_RESOURCE_ATTRIBUTES discarded
    Counter forgotten;              // after exit, in due time
    Counter evicted_exited;         // sooner, for want of room
    Counter evicted_living;
  };

  struct Limits {
    std::size_t processes = 65'536;
    std::size_t bytes = 16u << 20;  // a third of the agent's memory at full load; some 6 000 processes in use
    std::uint64_t keep_exited_ns = 30'000'000'000;
    std::uint32_t exec_reads_per_second = 500;  // of event time; at some 50 us each 2.5 % of a core
    std::uint64_t await_ns = 1'000'000'000;     // how long what a process sends is worth holding for its name
  };

  /// `source` and `listener` may be null; both outlive the table.
  ProcessTable(HostFacts host, FactsSource* source, FactsListener* listener, Limits limits);
  ProcessTable(HostFacts host, FactsSource* source, FactsListener* listener = nullptr)
      : ProcessTable(std::move(host), source, listener, Limits()) {}

  void on_exec(const event_exec& event);
  void on_fork(const event_fork& event);
  void on_exit(const event_exit& event);
  /// Event time, when it passes without events.
  void advance(std::uint64_t monotonic_ns);

  /// Facts from a recording. They hold until the next exec of the process, or the next set where more is awaited.
  void learn(const ProcessKey& key, ProcessFacts facts);
  /// Learns what the source has answered since the last call.
  void take_answers();

  /// More will be known of the process soon. False also when that has taken longer than Limits::await_ns: whoever waits
  /// for it goes on with what there is.
  bool awaits(const ProcessKey& key);
  /// Never fails: a process of which nothing can be learned is unknown_service. Valid until the table is next told
  /// anything or asked for another process.
  const Resource& resource_of(const ProcessKey& key) override;
  bool is_over(const ProcessKey& key) const override;
  /// Of a living process the executable and the cgroup are right even where more is awaited.
  const ProcessFacts& facts_of(const ProcessKey& key);

  std::size_t size() const { return entries_.size(); }
  std::size_t bytes() const { return bytes_; }
  const Counters& counters() const { return counters_; }

 private:
  struct Entry {
    ProcessFacts facts;
    bool from_exec = false;          // the facts are what an exec event told
    bool settled = false;            // the facts are as good as they can be now
    bool looked = false;             // the source was asked for what it tells at once
    std::uint64_t awaited_since_ns = 0;  // where facts.awaited
    ProcessKey parent;               // at the fork; void after an exec
    std::uint64_t parent_execs = 0;  // how often the parent had executed then: later facts of it are not the child's
    std::uint64_t execs = 0;      // also names the question: an answer about the program before is of no use
    std::uint64_t exited_ns = 0;  // 0 = lives
    std::optional<Resource> resource;
    std::size_t weight = 0;
    std::list<ProcessKey>::iterator place;  // in living_ or exited_
  };
  using Entries = std::unordered_map<ProcessKey, Entry>;

  Entry& entry_of(const ProcessKey& key);
  Entry& settled_entry_of(const ProcessKey& key);
  bool look(const ProcessKey& key, Entry& entry);
  bool ask(const ProcessKey& key, Entry& entry);
  bool may_read_at_exec(std::uint64_t monotonic_ns);
  const ProcessFacts* facts_of_ancestor(const Entry& entry);
  void settle(const ProcessKey& key, Entry& entry);
  void conclude(const ProcessKey& key, Entry& entry);
  void tell(const ProcessKey& key, Entry& entry);
  void use(Entry& entry);
  void weigh(Entry& entry);
  void make_room(const ProcessKey& keep);
  void erase(Entries::iterator it);

  const HostFacts host_;
  FactsSource* const source_;
  FactsListener* const listener_;
  const Limits limits_;
  Entries entries_;
  std::list<ProcessKey> living_;  // least recently used first
  std::list<ProcessKey> exited_;  // first exited first
  std::size_t bytes_ = 0;
  std::uint64_t now_ns_ = 0;
  std::uint64_t exec_second_ = 0;  // now_ns_ in seconds when exec_reads_ began to count
  std::uint32_t exec_reads_ = 0;
  Counters counters_;
};

}  // namespace suture
