// The life of processes: fork, exec, exit, and who is not looked at.
#include <sys/wait.h>
#include <unistd.h>

#include "kernel_test.h"
#include "wire/limits.h"

namespace suture::kernel_test {
namespace {

class Processes : public KernelTest {};
INSTANTIATE_TEST_SUITE_P(, Processes, ::testing::Values(HookChoice::SockLength), mechanism_name);

TEST_P(Processes, ForkExecAndExitOfAShortLifeAreTold) {
  const pid_t parent = run([](Inside&) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      ::execl("/bin/sh", "a shell", "-c", "exit 0", "third", nullptr);
      ::_exit(1);
    }
    int status = 0;
    need(::waitpid(pid, &status, 0) == pid && status == 0, "waitpid");
  });
  ASSERT_EQ(events().forks().size(), 1u);
  const event_fork& fork = events().forks().begin()->second;
  EXPECT_EQ(fork.parent_tgid, static_cast<std::uint32_t>(parent));
  EXPECT_GT(fork.child_start_ns, fork.parent_start_ns);
  ASSERT_EQ(events().exits().count(fork.child_tgid), 1u);
  EXPECT_EQ(events().exits().at(fork.child_tgid).process_start_ns, fork.child_start_ns);
}

TEST_P(Processes, ExecCarriesFileAndArguments) {
  using std::string_literals::operator""s;
  const std::string longest(2000, 'x');
  for (const bool too_long : {false, true}) {
    const pid_t pid = run([&](Inside&) {
      ::execl("/bin/true", "true", too_long ? longest.c_str() : "two", "", "four", nullptr);
    });
    ASSERT_EQ(events().execs().count(static_cast<std::uint32_t>(pid)), 1u);
    const Execed& exec = events().execs().at(static_cast<std::uint32_t>(pid));
    EXPECT_EQ(exec.file, "/bin/true");
    EXPECT_EQ(exec.args, too_long ? ("true\0"s + longest).substr(0, SUTURE_EXEC_ARGS) : "true\0two\0\0four\0"s);
    EXPECT_EQ(exec.process_start_ns, events().exits().at(static_cast<std::uint32_t>(pid)).process_start_ns);
    EXPECT_NE(exec.cgroup_id, 0u);
  }
}

void one_exchange(Inside& inside) {
  inside.step();
  Talk talk;
  pass(talk.client.get(), talk.server.get(), request_head(80));
  pass(talk.server.get(), talk.client.get(), response_head(80));
}

TEST_P(Processes, DeniedOnesShowNothingUntilTheirNumberServesAnother) {
  Child denied([](Inside& inside) {
    one_exchange(inside);
    // A fork is another process, and is looked at.
    const pid_t pid = ::fork();
    if (pid == 0) {
      Talk talk;
      pass(talk.client.get(), talk.server.get(), request_head(80));
      ::_exit(0);
    }
    need(::waitpid(pid, nullptr, 0) == pid, "waitpid");
  });
  const pid_t number = denied.pid();
  events().watch(number);
  await_step(denied);
  probe_->deny(static_cast<std::uint32_t>(number), true);
  denied.go();
  finish(denied);
  EXPECT_EQ(events().data_events(), 2u);  // the fork's request, as written and as read
  events().clear();

  Child same_number(one_exchange, number);
  ASSERT_EQ(same_number.pid(), number) << "clone3 with a chosen pid";
  await_step(same_number);
  same_number.go();
  ASSERT_TRUE(drain_until([&] { return same_number.ended(); }));
  ASSERT_TRUE(drain_until([&] { return events().data_events() >= 4; }));
  expect_exchange(events(), {{request_head(80), ""}}, {{response_head(80), ""}});
}

TEST_P(Processes, ADeniedOneIsLookedAtAgainOnceItExecutesAnotherProgram) {
  Child child([](Inside& inside) {
    inside.step();
    Talk talk;
    pass(talk.client.get(), talk.server.get(), request_head(80));
    need(::dup2(talk.client.get(), STDOUT_FILENO) == STDOUT_FILENO, "dup2");  // outlives the exec
    ::execl("/bin/sh", "sh", "-c", R"(printf 'GET /again HTTP/1.1\r\nHost: h\r\n\r\n')", nullptr);
  });
  events().watch(child.pid());
  await_step(child);
  probe_->deny(static_cast<std::uint32_t>(child.pid()), true);
  child.go();
  finish(child);
  ASSERT_EQ(events().data_events(), 1u);
  EXPECT_EQ(events().ends().begin()->second.data.front().bytes, "GET /again HTTP/1.1\r\nHost: h\r\n\r\n");
}

}  // namespace
}  // namespace suture::kernel_test
