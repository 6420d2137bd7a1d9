#include "observed_processes.h"

#include <string>
#include <utility>

namespace suture {
namespace {

constexpr std::size_t kMostRemembered = 65'536;

template <typename Memory>
void make_room_in(Memory& memory) {
  if (memory.size() >= kMostRemembered) memory.clear();
}

}  // namespace

ObservedProcesses::ObservedProcesses(Rules rules, ProcessTable& processes, KernelControl* kernel)
    : rules_(std::move(rules)), filter_(rules_.filter), processes_(processes), kernel_(kernel) {}

void ObservedProcesses::on_fork(std::uint32_t parent_tgid, const ProcessKey& child) {
  if (rules_.command_parent && (parent_tgid == rules_.command_parent || command_.contains(parent_tgid))) command_.insert(child.tgid);
  decide_soon(child);
}

void ObservedProcesses::forget(const ProcessKey& process) {
  kept_.erase(process);
  if (!kernel_) return;
  undecided_.erase(process);
  if (looked_at_.erase(process) > 0) kernel_->forget_runtime(process);
  kernel_->hands_over(process.tgid, false);
  const auto writing = writing_.find(process);
  if (writing == writing_.end()) return;
  if (writing->second) kernel_->trace(process.tgid, std::nullopt);
  writing_.erase(writing);
}

bool ObservedProcesses::passes_filter(const ProcessKey& process) const {
  return !filter_.decides_processes() || filter_.decide(processes_.facts_of(process)).keep;
}

Wanted ObservedProcesses::wanted(const ProcessKey& process, std::uint16_t port) {
  if (!filter_.decide_port(port).keep) return Wanted::No;
  auto known = kept_.find(process);
  if (known == kept_.end()) {
    make_room_in(kept_);
    known = kept_.emplace(process, passes_filter(process)).first;
    if (!known->second && kernel_) kernel_->deny(process.tgid);
  }
  if (!known->second) return Wanted::No;
  return rules_.command_parent && !command_.contains(process.tgid) ? Wanted::OnlyJoined : Wanted::Yes;
}

bool ObservedProcesses::concerns(const ProcessKey& process) const {
  return (!rules_.command_parent || command_.contains(process.tgid)) && passes_filter(process);
}

void ObservedProcesses::look_for_runtime(const ProcessKey& process) {
  if (!kernel_ || looked_at_.contains(process) || !kernel_->look_for_runtime(process)) return;
  make_room_in(looked_at_);
  looked_at_.insert(process);
}

void ObservedProcesses::hands_over(const ProcessKey& process) {
  if (kernel_) kernel_->hands_over(process.tgid, true);
}

void ObservedProcesses::decide_soon(const ProcessKey& process) {
  if (!kernel_ || rules_.writing.empty()) return;
  make_room_in(undecided_);
  undecided_.insert(process);
}

bool ObservedProcesses::writes(const ProcessKey& process) {
  if (!kernel_ || rules_.writing.empty()) return false;
  auto known = writing_.find(process);
  if (known == writing_.end()) {
    if (processes_.awaits(process)) {
      decide_soon(process);
      return false;
    }
    const std::string service(processes_.resource_of(process).service_name());
    const bool chosen = rules_.writing.contain(processes_.facts_of(process), service) && passes_filter(process);
    make_room_in(writing_);
    known = writing_.emplace(process, chosen ? std::optional(kUntold) : std::nullopt).first;
  }
  return known->second.has_value();
}

void ObservedProcesses::writes_by(const ProcessKey& process, std::uint32_t evidence) {
  std::optional<std::uint32_t>& told = writing_.at(process);
  if (std::exchange(told, evidence) != evidence) kernel_->trace(process.tgid, evidence);
}

std::vector<ProcessKey> ObservedProcesses::take_undecided() {
  const std::unordered_set<ProcessKey> taken = std::exchange(undecided_, {});
  return {taken.begin(), taken.end()};
}

}  // namespace suture
