// Include and exclude rules.
#include "process/process_filter.h"

#include <gtest/gtest.h>

namespace suture {
namespace {

ProcessFacts shop() {
  ProcessFacts facts;
  facts.pid = 42;
  facts.exe = "/srv/shop/bin/shopd";
  facts.cgroup_path = "/system.slice/shop.service";
  return facts;
}

TEST(ProcessFilter, KeepsEverythingWithoutRules) {
  EXPECT_TRUE(ProcessFilter({}).decide(shop()).keep);
  EXPECT_FALSE(ProcessFilter({.include = {.ports = {80}}}).decides_processes());
  EXPECT_TRUE(ProcessFilter({.exclude = {.pids = {1}}}).decides_processes());
}

TEST(ProcessFilter, SaysWhyItExcludes) {
  const struct {
    FilterRules rules;
    FilterReason reason;
  } rows[] = {
      {{.exclude = {.executables = {"shopd"}}}, FilterReason::Executable},
      {{.exclude = {.executables = {"/srv/*"}}}, FilterReason::Executable},
      {{.exclude = {.cgroups = {"*/shop.service"}}}, FilterReason::Cgroup},
      {{.exclude = {.pids = {42}}}, FilterReason::Pid},
      {{.include = {.executables = {"other"}}}, FilterReason::NotIncluded},
      {{.include = {.executables = {"shopd"}}, .exclude = {.pids = {42}}}, FilterReason::Pid},  // exclusion wins
  };
  for (const auto& row : rows) {
    const Decision decision = ProcessFilter(row.rules).decide(shop());
    EXPECT_FALSE(decision.keep);
    EXPECT_EQ(decision.reason, row.reason);
  }
}

TEST(ProcessFilter, KeepsWhatAnyInclusionNames) {
  EXPECT_TRUE(ProcessFilter({.include = {.executables = {"x"}, .pids = {42}}}).decide(shop()).keep);
  EXPECT_TRUE(ProcessFilter({.include = {.ports = {80}}}).decide(shop()).keep) << "ports are asked apart";
}

TEST(ProcessFilter, DecidesPortsApart) {
  const ProcessFilter filter({.include = {.ports = {80, 81}}, .exclude = {.ports = {81}}});
  EXPECT_TRUE(filter.decide_port(80).keep);
  EXPECT_EQ(filter.decide_port(81).reason, FilterReason::Port);
  EXPECT_EQ(filter.decide_port(82).reason, FilterReason::NotIncluded);
  EXPECT_TRUE(ProcessFilter({}).decide_port(82).keep);
}

}  // namespace
}  // namespace suture
