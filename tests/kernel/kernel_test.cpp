#include "kernel_test.h"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace suture::kernel_test {
namespace {

// Other work on the machine may be heavy; only a failure waits that long.
constexpr std::chrono::seconds kDeadline{60};

}  // namespace

std::vector<HookChoice> mechanisms() {
  const char* const named = std::getenv("SUTURE_KERNEL_TEST_HOOKS");
  if (named == nullptr) return {HookChoice::SendmsgLocked, HookChoice::SockLength, HookChoice::SysExit};
  std::vector<HookChoice> choices;
  for (std::string_view rest = named; !rest.empty();) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    choices.push_back(parse_hook_choice(rest.substr(0, end)).value());
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return choices;
}

std::string mechanism_name(const ::testing::TestParamInfo<HookChoice>& info) {
  std::string name;
  for (char c : name_of(info.param))
    if (c != '-') name += c;
  return name;
}

void KernelTest::SetUp() {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root: it loads programs into the kernel";
  if (attaches_at_once()) attach();
}

void KernelTest::attach(const ProbeLimits& limits) {
  auto probe = Probe::open(GetParam(), limits, unix_sockets());
  ASSERT_TRUE(probe.ok()) << probe.error();
  probe_.emplace(std::move(probe).value());
  const Status more = attach_more(*probe_);
  ASSERT_TRUE(more.ok()) << more.error();
  auto ring = RingSource::open(*probe_, events_);
  ASSERT_TRUE(ring.ok()) << ring.error();
  ring_.emplace(std::move(ring).value());
  ASSERT_EQ(probe_->start(), static_cast<std::uint32_t>(::getpid())) << "must run in the initial PID namespace";
}

void KernelTest::TearDown() {
  if (!ring_) return;
  settle();
  const KernelCounters counters = probe_->counters();
  std::uint64_t drops = 0;
  for (kernel_counter drop : {DROP_RING_FULL, DROP_STORAGE_FAILED, DROP_NOT_READABLE, DROP_IO_URING, DROP_32_BIT, DROP_CALL_KIND, DROP_SHED})
    drops += counters.count[drop];
  EXPECT_EQ(counters.count[COUNT_REFUSED], drops);
  EXPECT_EQ(counters.count[COUNT_EMITTED], events_.records());
  if (counters.count[DROP_RING_FULL] == 0) {
    EXPECT_EQ(events_.after_loss(), 0u);
  }
}

bool KernelTest::drain_until(const std::function<bool()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  for (;;) {
    ring_->drain(std::chrono::milliseconds(2));
    if (done()) return true;
    if (std::chrono::steady_clock::now() > deadline) return false;
  }
}

pid_t KernelTest::run(const Child::Body& body) {
  Child child([&body](Inside& inside) {
    inside.step();  // watched from its first call on
    body(inside);
  });
  events_.watch(child.pid());
  await_step(child);
  before_run(child.pid());
  child.go();
  finish(child);
  return child.pid();
}

void KernelTest::finish(Child& child) {
  ASSERT_TRUE(drain_until([&] { return child.ended(); })) << "the child does not end";
  EXPECT_EQ(child.status(), 0);
  ASSERT_TRUE(drain_until([&] { return events_.exits().count(static_cast<std::uint32_t>(child.pid())) != 0; }));
}

void KernelTest::await_step(Child& child) {
  ASSERT_TRUE(drain_until([&] { return child.at_step() || child.ended(); }));
  ASSERT_TRUE(child.at_step()) << "the child ended with " << child.status();
}

void KernelTest::settle() {
  probe_->stop();
  // A program that had begun may still be at it on another CPU.
  drain_until([&] { return probe_->counters().count[COUNT_EMITTED] == events_.records(); });
}

bool KernelTest::both_closed() const {
  std::size_t closed = 0;
  for (const auto& [id, end] : events_.ends()) closed += end.count(CONNECTION_CLOSED);
  return closed >= 2;
}

}  // namespace suture::kernel_test
