// The life of processes as the table sees it: fork, exec, exit, and the bounds.
#include "process/process_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "asked_proc.h"

namespace suture {
namespace {

using test::AskedProc;
using test::FakeProc;
using test::kTickNs;

constexpr std::uint64_t kSecond = 1'000'000'000;

ProcessKey key(std::uint32_t pid) { return {pid, pid * kTickNs}; }

event_exec exec_event(std::uint32_t pid, std::string_view file, std::vector<std::string> args,
                      std::uint64_t time_ns = 1) {
  event_exec event{};
  event.header = {EVENT_EXEC, 0, sizeof event, time_ns};
  event.tgid = pid;
  event.process_start_ns = key(pid).start_ns;
  event.file_bytes = static_cast<std::uint16_t>(file.copy(event.file, sizeof event.file));
  std::string joined;
  for (const std::string& arg : args) joined += arg + '\0';
  event.args_bytes = static_cast<std::uint16_t>(joined.copy(event.args, sizeof event.args));
  return event;
}

event_fork fork_event(std::uint32_t parent, std::uint32_t child, std::uint64_t time_ns = 1) {
  return {{EVENT_FORK, 0, sizeof(event_fork), time_ns}, key(parent).start_ns, key(child).start_ns, parent, child};
}

event_exit exit_event(std::uint32_t pid, std::uint64_t time_ns) {
  return {{EVENT_EXIT, 0, sizeof(event_exit), time_ns}, key(pid).start_ns, pid, 0};
}

ProcessFacts named(const char* name) {
  ProcessFacts facts;
  facts.otel_service_name = name;
  return facts;
}

struct Listener : FactsListener {
  void on_facts(const ProcessKey& process, const ProcessFacts& facts) override { told.emplace_back(process, facts); }
  std::vector<std::pair<ProcessKey, ProcessFacts>> told;
};

/// All that was asked is answered.
void answer(AskedProc& source, ProcessTable& table) {
  source.answer();
  table.take_answers();
}

TEST(ProcessTable, AsksForAnOldProcessAtItsFirstUseAndKnowsItsExecutableAtOnce) {
  FakeProc proc;
  proc.add({.pid = 42, .start_ticks = 42, .exe = "/usr/sbin/nginx", .environment = {"OTEL_SERVICE_NAME=edge"}});
  AskedProc source(proc);
  Listener listener;
  ProcessTable table({}, &source, &listener);
  EXPECT_EQ(table.facts_of(key(42)).exe, "/usr/sbin/nginx");
  EXPECT_EQ(table.resource_of(key(42)).service_name(), "nginx");
  EXPECT_TRUE(table.awaits(key(42)));
  answer(source, table);
  EXPECT_FALSE(table.awaits(key(42)));
  EXPECT_EQ(table.resource_of(key(42)).service_name(), "edge");
  EXPECT_EQ(source.asked, 1);
  ASSERT_EQ(listener.told.size(), 2u) << "what was known at once, and all";
  EXPECT_TRUE(listener.told[0].second.awaited);
  EXPECT_FALSE(listener.told[1].second.awaited);
}

TEST(ProcessTable, AwaitsFactsOnlySoLongAndTakesThemWhenTheyComeLater) {
  FakeProc proc;
  proc.add({.pid = 42, .start_ticks = 42, .exe = "/usr/bin/python3", .args = {"python3", "-m", "shop.web"}});
  AskedProc source(proc);
  ProcessTable table({}, &source, nullptr, {.await_ns = kSecond});
  table.advance(kSecond);
  EXPECT_TRUE(table.awaits(key(42)));
  table.advance(2 * kSecond);
  EXPECT_FALSE(table.awaits(key(42)));
  EXPECT_EQ(table.resource_of(key(42)).service_name(), "unknown_service:python3");
  answer(source, table);
  EXPECT_EQ(table.resource_of(key(42)).service_name(), "shop.web");
}

TEST(ProcessTable, TakesNoAnswerAboutTheProgramBefore) {
  FakeProc proc;
  proc.add({.pid = 42, .start_ticks = 42, .exe = "/bin/sh", .args = {"sh"}});
  AskedProc source(proc);
  ProcessTable table({}, &source);
  table.on_exec(exec_event(42, "/bin/sh", {"sh"}));
  source.answer();
  table.on_exec(exec_event(42, "/usr/bin/curl", {"curl"}));
  proc.remove(42);
  table.take_answers();
  EXPECT_TRUE(table.awaits(key(42)));
  answer(source, table);
  EXPECT_EQ(table.resource_of(key(42)).service_name(), "curl");
}

TEST(ProcessTable, GivesTheSameResourcesToAReplayThatIsToldTheFacts) {
  FakeProc proc;
  proc.add({.pid = 1, .start_ticks = 1, .exe = "/usr/bin/python3", .args = {"python3", "-m", "shop.web"}});
  AskedProc source(proc);
  Listener listener;
  ProcessTable live({.id = "h"}, &source, &listener);
  ProcessTable replay({.id = "h"}, nullptr);
  const auto expect_the_same = [&] {
    for (std::uint32_t pid : {1u, 2u, 3u, 4u}) live.resource_of(key(pid));
    for (const auto& [process, facts] : std::exchange(listener.told, {})) replay.learn(process, facts);
    for (std::uint32_t pid : {1u, 2u, 3u, 4u}) {
      EXPECT_EQ(live.awaits(key(pid)), replay.awaits(key(pid))) << pid;
      const Resource& a = live.resource_of(key(pid));
      const Resource& b = replay.resource_of(key(pid));
      ASSERT_EQ(a.attributes.size(), b.attributes.size());
      for (std::size_t i = 0; i < a.attributes.size(); ++i) EXPECT_EQ(a.attributes[i].value, b.attributes[i].value);
    }
  };
  live.on_fork(fork_event(1, 2));
  live.on_exec(exec_event(3, "/usr/bin/curl", {"curl", "x"}));
  expect_the_same();
  answer(source, live);
  expect_the_same();
  EXPECT_EQ(replay.counters().unknown.get(), 0u);
}

TEST(ProcessTable, NamesAProcessThatIsGoneBeforeItIsReadByItsExec) {
  FakeProc proc;
  AskedProc source(proc);
  ProcessTable table({}, &source);
  table.on_exec(exec_event(42, "/usr/bin/python3", {"python3", "-m", "shop.web"}));
  EXPECT_TRUE(table.awaits(key(42)));
  answer(source, table);
  EXPECT_FALSE(table.awaits(key(42)));
  EXPECT_EQ(table.resource_of(key(42)).service_name(), "shop.web");
  EXPECT_EQ(table.counters().from_exec.get(), 1u);
}

TEST(ProcessTable, NamesAChildThatIsGoneBeforeItIsReadByItsParent) {
  FakeProc proc;
  proc.add({.pid = 1, .start_ticks = 1, .exe = "/usr/bin/python3", .args = {"python3", "-m", "shop.web"}});
  proc.add({.pid = 2, .start_ticks = 2, .exe = "/usr/bin/python3", .args = {"python3", "-m", "shop.web"}});
  AskedProc source(proc);
  ProcessTable table({}, &source);
  table.on_fork(fork_event(9, 1));
  table.on_fork(fork_event(1, 2));
  EXPECT_TRUE(table.awaits(key(2)));
  proc.remove(2);
  answer(source, table);
  EXPECT_EQ(table.resource_of(key(2)).service_name(), "shop.web");
}

TEST(ProcessTable, GoesByWhatItSeesWhereThereIsNoRoomForAQuestion) {
  FakeProc proc;
  proc.add({.pid = 42, .start_ticks = 42, .exe = "/usr/sbin/nginx"});
  AskedProc source(proc);
  source.has_room = false;
  ProcessTable table({}, &source);
  EXPECT_FALSE(table.awaits(key(42)));
  EXPECT_EQ(table.resource_of(key(42)).service_name(), "nginx");
}

TEST(ProcessTable, FindsTheInterpreterOfAScriptInTheExecEvent) {
  ProcessTable table({}, nullptr);
  table.on_exec(exec_event(42, "/usr/bin/gunicorn", {"/usr/bin/python3", "/usr/bin/gunicorn", "shop.web:app"}));
  EXPECT_EQ(table.resource_of(key(42)).service_name(), "shop.web");
}

TEST(ProcessTable, AsksAtTheExecNotLater) {
  FakeProc proc;
  proc.add({.pid = 42,
            .start_ticks = 42,
            .exe = "/usr/bin/curl",
            .args = {"curl"},
            .environment = {"OTEL_SERVICE_NAME=job"}});
  AskedProc source(proc);
  ProcessTable table({}, &source);
  table.on_exec(exec_event(42, "/usr/bin/curl", {"curl"}));
  answer(source, table);
  proc.remove(42);
  EXPECT_EQ(table.resource_of(key(42)).service_name(), "job");
}

TEST(ProcessTable, AsksOnlySoOftenAtExecEachSecond) {
  FakeProc proc;
  AskedProc source(proc);
  ProcessTable table({}, &source, nullptr, {.exec_reads_per_second = 3});
  for (std::uint32_t pid = 1; pid <= 10; ++pid) table.on_exec(exec_event(pid, "/bin/x", {"x"}, kSecond));
  EXPECT_EQ(source.asked, 3);
  table.on_exec(exec_event(11, "/bin/x", {"x"}, 2 * kSecond));
  EXPECT_EQ(source.asked, 4);
}

TEST(ProcessTable, InheritsFromTheParentUntilTheChildExecutes) {
  ProcessTable table({}, nullptr);
  table.learn(key(1), named("master"));
  table.on_fork(fork_event(1, 2));
  table.on_fork(fork_event(2, 3));
  EXPECT_EQ(table.resource_of(key(2)).service_name(), "master");
  EXPECT_EQ(table.resource_of(key(3)).service_name(), "master");
  EXPECT_EQ(std::get<std::int64_t>(table.resource_of(key(3)).attributes[2].value), 3) << "its own pid";
  table.on_exec(exec_event(2, "/usr/bin/curl", {"curl"}));
  EXPECT_EQ(table.resource_of(key(2)).service_name(), "curl");
}

TEST(ProcessTable, GivesAChildNothingThatItsParentBecameLater) {
  ProcessTable table({}, nullptr);
  table.learn(key(1), named("shell"));
  table.on_fork(fork_event(1, 2));
  table.on_exec(exec_event(1, "/usr/bin/curl", {"curl"}));
  EXPECT_EQ(table.resource_of(key(2)).service_name(), "unknown_service");
}

TEST(ProcessTable, KeepsTheContainerAcrossExec) {
  ProcessTable table({}, nullptr);
  ProcessFacts shell = named("shell");
  shell.container_id = "c0ffee";
  table.learn(key(1), shell);
  table.on_fork(fork_event(1, 2));
  table.on_exec(exec_event(2, "/usr/bin/curl", {"curl"}));
  EXPECT_EQ(table.facts_of(key(2)).container_id, "c0ffee");
  EXPECT_EQ(table.facts_of(key(2)).otel_service_name, "") << "the environment may be another";
}

TEST(ProcessTable, ForgetsAProcessHalfAMinuteAfterItsExit) {
  ProcessTable table({}, nullptr);
  table.learn(key(1), named("shop"));
  table.on_exit(exit_event(1, kSecond));
  table.advance(31 * kSecond - 1);
  EXPECT_EQ(table.resource_of(key(1)).service_name(), "shop");
  table.advance(31 * kSecond);
  EXPECT_EQ(table.counters().forgotten.get(), 1u);
  EXPECT_EQ(table.size(), 0u);
  EXPECT_EQ(table.bytes(), 0u);
}

TEST(ProcessTable, TellsProcessesOfOnePidApart) {
  ProcessTable table({}, nullptr);
  table.learn({7, 1}, named("first"));
  table.learn({7, 2}, named("second"));
  EXPECT_EQ(table.resource_of({7, 1}).service_name(), "first");
  EXPECT_EQ(table.resource_of({7, 2}).service_name(), "second");
}

TEST(ProcessTable, EvictsTheFirstExitedThenTheLeastUsed) {
  ProcessTable table({}, nullptr, nullptr, {.processes = 3});
  for (std::uint32_t pid : {1u, 2u, 3u}) table.learn(key(pid), named("x"));
  table.on_exit(exit_event(3, 1));
  table.learn(key(4), named("x"));
  EXPECT_EQ(table.counters().evicted_exited.get(), 1u);
  table.resource_of(key(1));
  table.learn(key(5), named("x"));
  EXPECT_EQ(table.counters().evicted_living.get(), 1u);
  EXPECT_EQ(table.resource_of(key(1)).service_name(), "x");
  EXPECT_EQ(table.resource_of(key(2)).service_name(), "unknown_service");
  EXPECT_EQ(table.size(), 3u);
}

TEST(ProcessTable, IsBoundedInBytes) {
  ProcessTable table({}, nullptr, nullptr, {.bytes = 100'000});
  ProcessFacts facts;
  facts.cwd = std::string(5'000, 'x');
  for (std::uint32_t pid = 1; pid <= 1000; ++pid) {
    table.learn(key(pid), facts);
    table.resource_of(key(pid));
    ASSERT_LE(table.bytes(), 100'000u);
  }
  EXPECT_GT(table.size(), 10u);
}

TEST(ProcessTable, ReadsNothingBeyondTheEventsOwnArrays) {
  event_exec event = exec_event(42, "/bin/x", {"x"});
  std::memset(event.file, 'f', sizeof event.file);
  std::memset(event.args, 'a', sizeof event.args);
  event.file_bytes = event.args_bytes = 0xffff;
  ProcessTable table({}, nullptr);
  table.on_exec(event);
  EXPECT_EQ(table.facts_of(key(42)).args[0].size(), sizeof event.args);
}

}  // namespace
}  // namespace suture
