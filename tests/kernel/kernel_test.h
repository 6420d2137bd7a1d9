#pragma once
// KernelTest: the real programs in the kernel, their ring drained into Events, and the ledger checked at each test's end.
// Runs with every mechanism for socket io that this machine is made for, or those in SUTURE_KERNEL_TEST_HOOKS.

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <optional>
#include <vector>

#include "child.h"
#include "events.h"
#include "kernel/probe.h"
#include "kernel/ring_source.h"
#include "talk.h"
#include "truth.h"

namespace suture::kernel_test {

inline bool sees_send_begin(HookChoice hooks) { return hooks == HookChoice::SendmsgLocked || hooks == HookChoice::Fentry; }

class KernelTest : public ::testing::TestWithParam<HookChoice> {
 protected:
  /// Skips without root. Attaches unless a test wants to do it later.
  void SetUp() override;
  /// Whatever was wanted has been emitted or counted, and what was emitted has come.
  void TearDown() override;

  virtual bool attaches_at_once() const { return true; }
  virtual bool unix_sockets() const { return false; }
  /// What more is to be attached: the probe is open and silent.
  virtual Status attach_more(Probe&) { return Nothing{}; }
  /// The child is about to do what it is for.
  virtual void before_run(pid_t) {}
  void attach(const ProbeLimits& limits = {});

  /// Drains until `done` says so. False: it never did.
  bool drain_until(const std::function<bool()>& done);
  /// Runs `body` in a child of its own to its end, draining. Its events are in events() then, but for those of softirq.
  pid_t run(const Child::Body& body);
  /// Waits for the child's end, draining, and expects status 0.
  void finish(Child& child);
  /// The child's next step is reached, draining.
  void await_step(Child& child);
  /// Every exchange from here on is shed, or none.
  void shed(bool all) { probe_->keep_below(all ? 0 : UINT32_MAX); }
  /// No more events; what is in the ring is drained.
  void settle();

  Events& events() { return events_; }
  /// Both ends of the only connection have reported CLOSED.
  bool both_closed() const;
  std::uint64_t count(kernel_counter what) const { return probe_->counters().count[what]; }

  HookChoice hooks() const { return GetParam(); }
  /// The bytes of a send are read at its entry, of whatever kind its call is.
  bool reads_at_entry() const { return sees_send_begin(hooks()); }

  std::optional<Probe> probe_;
  std::optional<RingSource> ring_;

 private:
  Events events_;
};

/// For INSTANTIATE_TEST_SUITE_P.
/// SUTURE_KERNEL_TEST_HOOKS names them, with commas between: what attaches under another kernel (tests/vm). By itself all but fentry.
std::vector<HookChoice> mechanisms();
std::string mechanism_name(const ::testing::TestParamInfo<HookChoice>& info);

#define FOR_EACH_MECHANISM(suite) \
  INSTANTIATE_TEST_SUITE_P(, suite, ::testing::ValuesIn(::suture::kernel_test::mechanisms()), ::suture::kernel_test::mechanism_name)

/// For those of them of which `what`, of `hooks`, is true; there may be none.
#define FOR_EACH_MECHANISM_THAT(suite, what)                                                                            \
  GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(suite);                                                                 \
  INSTANTIATE_TEST_SUITE_P(, suite, ::testing::ValuesIn([] {                                                            \
                             std::vector<HookChoice> chosen = ::suture::kernel_test::mechanisms();                      \
                             std::erase_if(chosen, [](HookChoice hooks) { return !(what); });                           \
                             return chosen;                                                                             \
                           }()),                                                                                        \
                           ::suture::kernel_test::mechanism_name)

}  // namespace suture::kernel_test
