#include "link/explain.h"

#include <span>
#include <string_view>

#include <fmt/format.h>

namespace suture {
namespace {

std::string_view name_of(LoadClass load) {
  switch (load) {
    case LoadClass::Single: return "1 in flight";
    case LoadClass::Light: return "2-4 in flight";
    case LoadClass::Busy: return "5-16 in flight";
    case LoadClass::Saturated: return "17 or more in flight";
  }
  return "";
}

struct Outcome {
  LinkCounter counter;
  std::string_view words;
};

constexpr Outcome kLinked[] = {
    {&LinkCounters::by_thread, "thread      its thread was working on the parent"},
    {&LinkCounters::by_waiter, "waiter      the runtime's own pointers lead to the parent"},
    {&LinkCounters::by_completion, "completion  its answer woke the thread that answered the parent"},
    {&LinkCounters::by_spawn, "spawn       its thread was started for the parent"},
    {&LinkCounters::by_handover, "handover    it was taken from a queue in its turn, or by who had been free and then answered the parent"},
    {&LinkCounters::by_policy, "policy      the event loop had read the parent last, or it was the parent's turn"},
};
constexpr Outcome kUnlinked[] = {
    {&LinkCounters::background, "background  the process was handling no request: roots, and rightly so"},
    {&LinkCounters::no_evidence, "no evidence nothing pointed to any of the requests it was handling"},
    {&LinkCounters::not_trusted, "not trusted something did, but the audit has seen it fail or has seen too little"},
    {&LinkCounters::given_up, "given up    the process ended, or there was no room"},
};

std::string table_of(std::span<const Outcome> outcomes, const LinkCounters& counters) {
  std::string out;
  for (const Outcome& outcome : outcomes)
    if (const std::uint64_t count = (counters.*outcome.counter).get()) out += fmt::format("    {:>10}  {}\n", count, outcome.words);
  return out.empty() ? "             0\n" : out;
}

/// `exact`: the rule is used until it is seen to fail; else it must prove itself first.
std::string verdict_of(const Audit& audit, const Audit::Class& of, bool exact) {
  if (exact) return audit.disqualified(of.port, of.load) ? "not used: the audit has seen it fail" : "in use";
  switch (audit.trust(of.port, of.load)) {
    case Trust::Yes: return "in use";
    case Trust::No: return "not used: the audit has seen it fail";
    case Trust::Unknown: return fmt::format("not used yet: {} samples are needed", Audit::kEnough);
  }
  return "";
}

/// `what`: samples of what kind, and what they do.
std::string share_of(const Agreement& agreement, std::string_view what) {
  return fmt::format("{} of the last {} {}", agreement.samples() - agreement.wrong(), agreement.samples(), what);
}

std::string audit_of(const Audit& audit, bool exact) {
  std::string out;
  for (const auto& [of, agreement] : audit.classes()) {
    out += fmt::format("    port {}, {}: {}; {}", of.port, name_of(of.load), verdict_of(audit, of, exact), share_of(agreement, "responses agree"));
    if (const double bound = audit.lower_bound(of.port, of.load); bound > 0) out += fmt::format(" (at least {:.1f} % right, with 95 % confidence)", 100 * bound);
    out += '\n';
  }
  return out.empty() ? "    not audited yet\n" : out;
}

std::string calls_of(const Audit& audit) {
  std::string out;
  for (const auto& [of, agreement] : audit.classes())
    out += fmt::format("    {}: {}; {}\n", name_of(of.load), verdict_of(audit, of, false), share_of(agreement, "calls agree"));
  return out;
}

std::string_view thread_rule(const ProcessRequests& requests) {
  if (requests.program.runs_to_completion) return "exact: this program is known to send only for what it read last";
  if (requests.loops()) return "a guess (policy): its threads handle several requests at once";
  if (!requests.waits_to_read()) return "a guess (policy): its threads may handle several requests at once, as they read without waiting";
  return "exact: each of its threads handles one request at a time";
}

}  // namespace

std::string explain(const ProcessRequests& requests) {
  const bool exact = requests.thread_is_exact(requests.waits_to_read());
  std::string out = fmt::format("  now: {} requests in flight, {} requests sent that wait for their parent\n", requests.in_flight(), requests.waiting().size());
  out += fmt::format("  rule thread, {}\n", thread_rule(requests)) + audit_of(requests.thread_audit, exact);
  out += requests.program.wakes_complete && requests.threads_tell ? "  rule completion, exact: who reads an answer wakes the thread that waits for it\n" + audit_of(requests.completion_audit, true)
                             : "  rule completion: not used, this runtime wakes threads for reasons of its own\n";
  if (const Agreement& passed_on = requests.passed_on; passed_on.samples() > 0)
    out += fmt::format("    answers that a loop read are passed on, which is nearly sure: {}; {}\n", requests.passing_on_tells() ? "in use" : "not used",
                       share_of(passed_on, "led to a thread that waited"));
  if (const Audit* best = requests.turns ? requests.turns->best() : nullptr)
    out += "  rule turns, a guess (policy): its loop takes requests in the order in which they become due\n" + audit_of(*best, false);
  if (const Audit& audit = requests.spawns.audit(); !audit.classes().empty())
    out += "  rule spawn: a thread sends for the request that it was started for; exact once it has ended, before that a guess:\n" + audit_of(audit, false);
  if (const auto& classes = requests.queue_audit.classes(); !classes.empty())
    out += "  rule handover, a guess: what workers take from a queue is for the requests in the order in which their threads put it there\n" +
           calls_of(requests.queue_audit);
  if (const auto& classes = requests.jobs.audit().classes(); !classes.empty()) {
    const Agreement& jobs = classes.begin()->second;
    out += fmt::format("  rule handover, a guess: what a worker has sent since it was free is for the request that it answers: {}; {}\n",
                       requests.jobs.trusted() ? "in use" : "not used", share_of(jobs, "jobs agree"));
  }
  out += "  rule waiter, exact: used where the layout of the runtime is known; it is not audited\n";
  out += "  requests sent that were linked to the request that caused them\n" + table_of(kLinked, requests.counters);
  out += "  requests sent that were not, and why\n" + table_of(kUnlinked, requests.counters);
  return out;
}

std::string summarize(const LinkCounters& counters) {
  std::uint64_t linked = 0, unlinked = 0;
  for (const Outcome& outcome : kLinked) linked += (counters.*outcome.counter).get();
  for (const Outcome& outcome : kUnlinked) unlinked += (counters.*outcome.counter).get();
  return fmt::format("{} linked, {} not", linked, unlinked);
}

}  // namespace suture
