// The life of processes and what they are: see process_table.h.
#include "process/process_table.h"

#include <algorithm>

#include "process/exec_facts.h"
#include "process/process_resource.h"

namespace suture {
namespace {

// A server that forks workers that fork helpers; deeper trees have executed something in between.
constexpr int kAncestors = 4;

// Of the map's and the list's nodes.
constexpr std::size_t kNodeBytes = 96;

std::size_t weight_of(const Resource& resource) {
  std::size_t sum = resource.attributes.capacity() * sizeof(Resource::Attribute);
  for (const Resource::Attribute& attribute : resource.attributes) {
    sum += attribute.key.capacity();
    if (const auto* text = std::get_if<std::string>(&attribute.value)) sum += text->capacity();
  }
  return sum;
}

}  // namespace

ProcessTable::ProcessTable(HostFacts host, FactsSource* source, FactsListener* listener, Limits limits)
    : host_(std::move(host)), source_(source), listener_(listener), limits_(limits) {}

void ProcessTable::on_exec(const event_exec& event) {
  advance(event.header.time_ns);
  counters_.execs.add();
  const ProcessKey key{event.tgid, event.process_start_ns};
  Entry& entry = entry_of(key);
  ProcessFacts facts = facts_of_exec(event);
  // exec does not move a process to another cgroup.
  const ProcessFacts* before = entry.settled ? &entry.facts : facts_of_ancestor(entry);
  if (before != nullptr) {
    facts.cgroup_path = before->cgroup_path;
    facts.container_id = before->container_id;
    facts.systemd_unit = before->systemd_unit;
  }
  entry.facts = std::move(facts);
  entry.from_exec = true;
  entry.settled = entry.looked = false;
  entry.parent = {};
  entry.resource.reset();
  ++entry.execs;
  if (source_ != nullptr && may_read_at_exec(event.header.time_ns) && ask(key, entry)) tell(key, entry);
  weigh(entry);
  make_room(key);
}

void ProcessTable::on_fork(const event_fork& event) {
  advance(event.header.time_ns);
  counters_.forks.add();
  const ProcessKey child{event.child_tgid, event.child_start_ns};
  const ProcessKey parent{event.parent_tgid, event.parent_start_ns};
  Entry& entry = entry_of(child);
  entry.parent = parent;
  const auto it = entries_.find(parent);
  entry.parent_execs = it == entries_.end() ? 0 : it->second.execs;
  make_room(child);
}

void ProcessTable::on_exit(const event_exit& event) {
  advance(event.header.time_ns);
  counters_.exits.add();
  const auto it = entries_.find({event.tgid, event.process_start_ns});
  if (it == entries_.end() || it->second.exited_ns != 0) return;
  it->second.exited_ns = std::max<std::uint64_t>(now_ns_, 1);
  exited_.splice(exited_.end(), living_, it->second.place);
}

void ProcessTable::advance(std::uint64_t monotonic_ns) {
  now_ns_ = std::max(now_ns_, monotonic_ns);
  while (!exited_.empty()) {
    const auto it = entries_.find(exited_.front());
    if (now_ns_ - it->second.exited_ns < limits_.keep_exited_ns) break;
    erase(it);
    counters_.forgotten.add();
  }
}

void ProcessTable::learn(const ProcessKey& key, ProcessFacts facts) {
  Entry& entry = entry_of(key);
  entry.facts = std::move(facts);
  if (entry.facts.awaited) entry.awaited_since_ns = now_ns_;
  entry.settled = true;
  entry.resource.reset();
  weigh(entry);
  make_room(key);
}

void ProcessTable::take_answers() {
  if (source_ == nullptr) return;
  for (FactsSource::Answer& answer : source_->take()) {
    const auto it = entries_.find(answer.process);
    if (it == entries_.end() || it->second.execs != answer.question || !it->second.facts.awaited) continue;
    Entry& entry = it->second;
    if (answer.facts) {
      counters_.from_proc.add();
      entry.facts = std::move(*answer.facts);
      entry.looked = true;
      tell(answer.process, entry);
    } else {
      conclude(answer.process, entry);
    }
    weigh(entry);
    make_room(answer.process);
  }
}

bool ProcessTable::awaits(const ProcessKey& key) {
  const Entry& entry = settled_entry_of(key);
  return entry.facts.awaited && now_ns_ < entry.awaited_since_ns + limits_.await_ns;
}

const Resource& ProcessTable::resource_of(const ProcessKey& key) {
  Entry& entry = settled_entry_of(key);
  if (!entry.resource) {
    bool malformed = false;
    entry.resource = make_resource(host_, key, entry.facts, malformed);
    if (malformed) counters_.malformed_environment.add();
    weigh(entry);
    make_room(key);
  }
  return *entry.resource;
}

bool ProcessTable::is_over(const ProcessKey& key) const {
  const auto it = entries_.find(key);
  return it != entries_.end() && it->second.exited_ns != 0;
}

const ProcessFacts& ProcessTable::facts_of(const ProcessKey& key) { return settled_entry_of(key).facts; }

ProcessTable::Entry& ProcessTable::entry_of(const ProcessKey& key) {
  const auto [it, fresh] = entries_.try_emplace(key);
  if (fresh) {
    it->second.place = living_.insert(living_.end(), key);
    weigh(it->second);
  }
  return it->second;
}

ProcessTable::Entry& ProcessTable::settled_entry_of(const ProcessKey& key) {
  Entry& entry = entry_of(key);
  use(entry);
  if (!entry.settled) {
    settle(key, entry);
  } else if (source_ != nullptr && entry.facts.awaited && !entry.looked) {
    if (look(key, entry)) tell(key, entry);
  } else {
    return entry;
  }
  weigh(entry);
  make_room(key);
  return entry;
}

/// The first use of a process.
void ProcessTable::settle(const ProcessKey& key, Entry& entry) {
  const ProcessFacts* inherited = entry.from_exec ? nullptr : facts_of_ancestor(entry);
  if (inherited != nullptr) entry.facts = *inherited;
  if (source_ != nullptr && look(key, entry) && ask(key, entry)) return tell(key, entry);
  conclude(key, entry);
}

/// True: the process lives, and its facts are better for it.
bool ProcessTable::look(const ProcessKey& key, Entry& entry) {
  entry.looked = true;
  std::optional<ProcessFacts> seen = source_->look(key);
  if (!seen) return false;
  const bool awaited = entry.facts.awaited;
  seen->args = std::move(entry.facts.args);  // of the exec event, or the parent's: the best guess
  entry.facts = std::move(*seen);
  entry.facts.awaited = awaited;
  return true;
}

/// False: the source has no room for the question.
bool ProcessTable::ask(const ProcessKey& key, Entry& entry) {
  if (!source_->ask(key, entry.execs)) return false;
  entry.facts.awaited = true;
  entry.awaited_since_ns = now_ns_;
  return true;
}

/// Nothing more will be known: the first that knows anything, the process, the exec event, the parent.
void ProcessTable::conclude(const ProcessKey& key, Entry& entry) {
  if (entry.from_exec) {
    counters_.from_exec.add();
  } else if (const ProcessFacts* inherited = facts_of_ancestor(entry)) {
    counters_.from_parent.add();
    entry.facts = *inherited;
  } else {
    (entry.facts.exe.empty() ? counters_.unknown : counters_.from_proc).add();
  }
  entry.facts.complete = entry.facts.awaited = false;
  tell(key, entry);
}

void ProcessTable::tell(const ProcessKey& key, Entry& entry) {
  entry.facts.pid = key.tgid;
  entry.facts.start_ns = key.start_ns;
  if (entry.facts.awaited) entry.facts.complete = false;
  entry.settled = true;
  entry.resource.reset();
  if (listener_ != nullptr) listener_->on_facts(key, entry.facts);
}

bool ProcessTable::may_read_at_exec(std::uint64_t monotonic_ns) {
  const std::uint64_t second = monotonic_ns / 1'000'000'000;
  if (second != exec_second_) {
    exec_second_ = second;
    exec_reads_ = 0;
  }
  return exec_reads_++ < limits_.exec_reads_per_second;
}

/// Facts of the nearest ancestor that is still the program it was at the fork; null if none is known. Where nothing
/// else tells, the ancestor is asked about: before the child, so that the answer about the child finds it known.
const ProcessFacts* ProcessTable::facts_of_ancestor(const Entry& entry) {
  ProcessKey key = entry.parent;
  std::uint64_t execs = entry.parent_execs;
  for (int level = 0; level < kAncestors && key.valid(); ++level) {
    const auto it = entries_.find(key);
    if (it == entries_.end() || it->second.execs != execs) return nullptr;
    Entry& ancestor = it->second;
    if (ancestor.settled || ancestor.from_exec) return &ancestor.facts;
    if (source_ != nullptr && look(key, ancestor)) {
      (void)ask(key, ancestor);
      tell(key, ancestor);
      weigh(ancestor);
      return &ancestor.facts;
    }
    key = ancestor.parent;
    execs = ancestor.parent_execs;
  }
  return nullptr;
}

void ProcessTable::use(Entry& entry) {
  if (entry.exited_ns == 0) living_.splice(living_.end(), living_, entry.place);
}

void ProcessTable::weigh(Entry& entry) {
  std::size_t weight = sizeof(Entry) + kNodeBytes + entry.facts.weight_bytes() - sizeof(ProcessFacts);
  if (entry.resource) weight += weight_of(*entry.resource);
  bytes_ = bytes_ - entry.weight + weight;
  entry.weight = weight;
}

void ProcessTable::make_room(const ProcessKey& keep) {
  while (entries_.size() > limits_.processes || bytes_ > limits_.bytes) {
    const auto not_kept = [&](const ProcessKey& key) { return key != keep; };
    // `keep` is looked past, so at most two elements of a list are looked at.
    auto victim = std::find_if(exited_.begin(), exited_.end(), not_kept);
    const bool exited = victim != exited_.end();
    if (!exited) victim = std::find_if(living_.begin(), living_.end(), not_kept);
    if (victim == living_.end()) return;
    (exited ? counters_.evicted_exited : counters_.evicted_living).add();
    erase(entries_.find(*victim));
  }
}

void ProcessTable::erase(Entries::iterator it) {
  bytes_ -= it->second.weight;
  (it->second.exited_ns != 0 ? exited_ : living_).erase(it->second.place);
  entries_.erase(it);
}

}  // namespace suture
