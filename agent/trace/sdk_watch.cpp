#include "trace/sdk_watch.h"

#include <cstring>
#include <span>
#include <utility>

namespace suture {
namespace {

std::uint64_t last_8(std::span<const std::uint8_t> bytes) {
  std::uint64_t number = 0;
  std::memcpy(&number, bytes.data() + bytes.size() - 8, sizeof number);
  return number;
}

/// Of 64 bits: ids are random, but come from strangers. Two that meet by intent hide spans of the process they were sent to.
std::uint64_t key_of(const ProcessKey& process, std::uint64_t id) {
  std::uint64_t key = (id ^ process.start_ns) * 0x9e3779b97f4a7c15ull;
  key = (key ^ (key >> 32) ^ process.tgid) * 0xff51afd7ed558ccdull;
  return key ^ (key >> 29);
}

/// Some formats tell the low half of a trace id alone.
std::uint64_t trace_key(const ProcessKey& process, const TraceContext& context) { return key_of(process, last_8(context.trace_id.bytes)); }
std::uint64_t span_key(const ProcessKey& process, const TraceContext& context) {
  return key_of(process, last_8(context.parent.bytes) ^ (last_8(context.trace_id.bytes) << 1));
}

}  // namespace

SdkWatch::Process* SdkWatch::known(const ProcessKey& process) {
  const auto found = processes_.find(process);
  return found == processes_.end() ? nullptr : &found->second;
}

SdkWatch::Process* SdkWatch::watch(const ProcessKey& process) {
  if (processes_.size() >= kMaxProcesses) return known(process);
  return &processes_[process];
}

bool SdkWatch::reports(const ProcessKey& process) const {
  const auto found = processes_.find(process);
  return found != processes_.end() && found->second.sdk && found->second.takes_up != TakesUp::No;
}

void SdkWatch::remember(std::unordered_map<Key, NodeId>& map, Key key, NodeId server, bool alone) {
  const auto [it, fresh] = map.try_emplace(key, server);
  if (!fresh) {
    it->second = alone ? 0 : server;
    return;
  }
  order_.emplace_back(&map, key);
  if (order_.size() <= kMaxContexts) return;
  order_.front().first->erase(order_.front().second);
  order_.pop_front();
}

void SdkWatch::on_received(const ProcessKey& key, const TraceContext& context, NodeId server) {
  remember(spans_, span_key(key, context), server, true);
  remember(traces_, trace_key(key, context), server, false);
  Process* process = watch(key);
  if (process == nullptr || process->takes_up == TakesUp::No) return;
  if (process->sdk) return forest_.withdraw(server);
  if (process->silent) return;
  if (process->pending.size() >= kMaxPending) return let_go(*process);
  process->pending.push_back(server);
  forest_.suspend(server);
}

SdkWatch::Sent SdkWatch::on_sent(const ProcessKey& key, const TraceContext& context) {
  if (const auto passed = spans_.find(span_key(key, context)); passed != spans_.end()) {
    if (Process* process = known(key)) {
      process->takes_up = TakesUp::No;
      let_go(*process);
    }
    return {.passed = passed->second};
  }
  const auto taken = traces_.find(trace_key(key, context));
  const bool begun = taken == traces_.end();
  if (!begun) {
    if (Process* process = known(key)) process->takes_up = TakesUp::Yes;
    evident(key);
    forest_.withdraw(taken->second);
  }
  const Process* process = known(key);
  // Of who only ever passed contexts on, a request that came with this one was not seen: shed, lost, or older than the agent.
  if (process != nullptr && process->takes_up == TakesUp::No && !process->sdk) return {};
  return {.made = true, .begun = begun, .surely = process == nullptr || process->sdk || !process->unreadable, .passed = 0};
}

void SdkWatch::on_unreadable(const ProcessKey& key) {
  if (Process* process = watch(key)) process->unreadable = true;
}

void SdkWatch::on_not_taken_up(const ProcessKey& key, NodeId server) {
  forest_.let_go(server);
  Process* process = known(key);
  if (process == nullptr) return;
  process->takes_up = TakesUp::No;
  process->sdk = true;
}

void SdkWatch::on_upload(const ProcessKey& key) {
  const Process* process = known(key);
  if (process == nullptr || !process->relays) evident(key);
}

void SdkWatch::on_intake(const ProcessKey& key) {
  if (Process* process = watch(key)) process->relays = true;
}

void SdkWatch::evident(const ProcessKey& key) {
  Process* process = watch(key);
  if (process == nullptr) return;
  process->sdk = true;
  if (process->takes_up != TakesUp::No) withdraw_pending(*process);
}

void SdkWatch::withdraw_pending(Process& process) {
  for (NodeId server : std::exchange(process.pending, {})) forest_.withdraw(server);
}

void SdkWatch::let_go(Process& process) {
  process.silent = true;
  for (NodeId server : std::exchange(process.pending, {})) forest_.let_go(server);
}

void SdkWatch::on_ended(const ProcessKey& key, std::uint64_t now_ns) {
  Process* process = known(key);
  if (process == nullptr || process->due_ns != 0 || process->pending.empty()) return;
  process->due_ns = now_ns + kSilenceNs;
  due_.emplace_back(process->due_ns, key);
}

void SdkWatch::on_process_over(const ProcessKey& key) {
  const auto found = processes_.find(key);
  if (found == processes_.end()) return;
  let_go(found->second);
  processes_.erase(found);
}

void SdkWatch::tick(std::uint64_t now_ns) {
  for (; !due_.empty() && due_.front().first <= now_ns; due_.pop_front())
    if (Process* process = known(due_.front().second); process != nullptr && process->due_ns == due_.front().first) let_go(*process);
}

void SdkWatch::flush() {
  for (auto& [key, process] : processes_) let_go(process);
}

}  // namespace suture
