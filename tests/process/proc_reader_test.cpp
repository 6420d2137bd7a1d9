// ProcReader against a fake /proc, and against the real one for this very process.
#include "process/proc_reader.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "fake_proc.h"

namespace suture {
namespace {

using test::FakeProc;
using test::kTickNs;

TEST(ProcReader, ReadsEverythingThatNamesAProcess) {
  FakeProc proc;
  proc.add({.pid = 42, .start_ticks = 777, .comm = "a) (b", .exe = "/usr/bin/python3.11 (deleted)", .cwd = "/srv/stock",
            .args = {"python3", "app.py", "", ""},
            .environment = {"PATH=/bin", "OTEL_SERVICE_NAME=stock", "OTEL_RESOURCE_ATTRIBUTES=a=b", "TRACEPARENT=00-x", "TRACESTATE=k=v", "SECRET=1"},
            .cgroup = "0::/system.slice/stock.service\n"});
  ProcReader reader(proc.path());
  const auto facts = reader.read({42, 777 * kTickNs + 1234});
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->pid, 42u);
  EXPECT_EQ(facts->start_ns, 777 * kTickNs + 1234);
  EXPECT_EQ(facts->owner_uid, ::getuid());
  EXPECT_EQ(facts->comm, "a) (b");
  EXPECT_EQ(facts->exe, "/usr/bin/python3.11");
  EXPECT_EQ(facts->cwd, "/srv/stock");
  EXPECT_EQ(facts->args, (std::vector<std::string>{"python3", "app.py"}));
  EXPECT_EQ(facts->otel_service_name, "stock");
  EXPECT_EQ(facts->otel_resource_attributes, "a=b");
  EXPECT_EQ(facts->traceparent, "00-x");
  EXPECT_EQ(facts->tracestate, "k=v");
  EXPECT_EQ(facts->cgroup_path, "/system.slice/stock.service");
  EXPECT_EQ(facts->systemd_unit, "stock.service");
  EXPECT_TRUE(facts->complete);
  EXPECT_EQ(reader.counters().complete.get(), 1u);
}

TEST(ProcReader, LooksAtNothingThatLiesWithTheProcess) {
  FakeProc proc;
  proc.add({.pid = 42, .start_ticks = 1, .exe = "/bin/x", .args = {"x"}, .environment = {"OTEL_SERVICE_NAME=stock"},
            .cgroup = "0::/system.slice/stock.service\n"});
  const auto facts = ProcReader(proc.path()).look({42, kTickNs});
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->exe, "/bin/x");
  EXPECT_EQ(facts->systemd_unit, "stock.service");
  EXPECT_TRUE(facts->args.empty());
  EXPECT_EQ(facts->otel_service_name, "");
  EXPECT_FALSE(facts->complete);
}

TEST(ProcReader, RefusesAProcessThatStartedAtAnotherTick) {
  FakeProc proc;
  proc.add({.pid = 42, .start_ticks = 777, .exe = "/bin/x", .args = {"x"}});
  ProcReader reader(proc.path());
  EXPECT_FALSE(reader.read({42, 776 * kTickNs + kTickNs - 1}));
  EXPECT_FALSE(reader.read({42, 778 * kTickNs}));
  EXPECT_EQ(reader.counters().reused.get(), 2u);
  EXPECT_TRUE(reader.read({42, 777 * kTickNs}));
}

TEST(ProcReader, CountsWhatIsGone) {
  FakeProc proc;
  ProcReader reader(proc.path());
  EXPECT_FALSE(reader.read({42, 0}));
  EXPECT_EQ(reader.counters().gone.get(), 1u);
}

TEST(ProcReader, GivesPartialFactsWhereSomethingIsWithheld) {
  for (const char* file : {"environ", "exe", "cwd", "cmdline", "cgroup"}) {
    FakeProc proc;
    proc.add({.pid = 42, .start_ticks = 1, .exe = "/bin/x", .args = {"x"}});
    proc.remove(42, file);
    ProcReader reader(proc.path());
    const auto facts = reader.read({42, kTickNs});
    ASSERT_TRUE(facts) << file;
    EXPECT_FALSE(facts->complete) << file;
    EXPECT_EQ(reader.counters().partial.get(), 1u) << file;
  }
}

TEST(ProcReader, BoundsHugeCommandLinesAndVariables) {
  FakeProc proc;
  proc.add({.pid = 42, .start_ticks = 1, .exe = "/usr/bin/java",
            .args = {"java", "-cp", std::string(20'000, 'a'), "Main", std::string(300'000, 'b')},
            .environment = {"OTEL_RESOURCE_ATTRIBUTES=" + std::string(9'000, 'c'), std::string(300'000, 'd')}});
  ProcReader reader(proc.path());
  const auto facts = reader.read({42, kTickNs});
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->args[3], "Main");
  EXPECT_EQ(facts->otel_resource_attributes, "");
  EXPECT_LT(facts->weight_bytes(), 16'384u);
}

TEST(ProcReader, FindsThePackageOfANodeProgram) {
  FakeProc proc;
  proc.add_file("/srv/shop/package.json", R"({"name":"shop-web"})");
  proc.add_file("/srv/shop/dist/package.json", R"({"type":"module"})");
  proc.add_file("/srv/shop/node_modules/next/package.json", R"({"name":"next"})");
  std::filesystem::create_symlink("/srv/shop", proc.image() / "app");
  std::filesystem::create_directories(proc.image() / "srv/odd/package.json");
  const struct {
    const char* cwd;
    std::vector<std::string> args;
    const char* name;
  } rows[] = {
      {"/", {"node", "/srv/shop/server.js"}, "shop-web"},
      {"/srv/shop/dist", {"node", "main.js"}, "shop-web"},
      {"/srv/shop", {"node", "node_modules/.bin/next", "start"}, "shop-web"},
      {"/", {"node", "/app/server.js"}, "shop-web"},  // a link, resolved below the root of the process
      {"/srv/shop", {"next-server (v14)"}, "shop-web"},
      {"/", {"node", "/srv/odd/server.js"}, ""},
      {"/", {"node", "/elsewhere/server.js"}, ""},
  };
  std::uint32_t pid = 100;
  ProcReader reader(proc.path());
  for (const auto& row : rows) {
    proc.add({.pid = ++pid, .start_ticks = 1, .exe = "/usr/bin/node", .cwd = row.cwd, .args = row.args});
    const auto facts = reader.read({pid, kTickNs});
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->package_name, row.name) << row.args.back();
  }
}

TEST(ProcReader, FollowsNoLinkOutOfTheRootOfTheProcess) {
  FakeProc proc;
  proc.add_file("/srv/x/server.js", "");
  std::ofstream(proc.path() + "/outside.json") << R"({"name":"stolen"})";
  std::filesystem::create_symlink("../../../outside.json", proc.image() / "srv/x/package.json");
  proc.add({.pid = 42, .start_ticks = 1, .exe = "/usr/bin/node", .cwd = "/", .args = {"node", "/srv/x/server.js"}});
  ProcReader reader(proc.path());
  EXPECT_EQ(reader.read({42, kTickNs})->package_name, "");
}

TEST(ProcReader, ReadsThisVeryProcess) {
  std::ifstream file("/proc/self/stat");
  const std::string stat((std::istreambuf_iterator<char>(file)), {});
  std::istringstream fields(stat.substr(stat.rfind(')') + 1));
  std::string field;
  for (int i = 3; i <= 22; ++i) fields >> field;
  ProcReader reader;
  const auto facts = reader.read({static_cast<std::uint32_t>(::getpid()), std::stoull(field) * kTickNs});
  ASSERT_TRUE(facts);
  EXPECT_TRUE(facts->complete);
  EXPECT_TRUE(facts->exe.ends_with("/process_test")) << facts->exe;
}

}  // namespace
}  // namespace suture
