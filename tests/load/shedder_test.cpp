#include "load/shedder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace suture {
namespace {

/// A host whose services use `busy` of its time, and an agent that would use `wanted` if it reported everything. What it
/// reports is paid for one window later, in part.
struct Host {
  double busy, wanted;
  double lag = 0;

  HostLoad::Window window(double keep) {
    const double work = wanted * keep;
    const double own = std::min(1.0, (work + lag) / 2 + 0.001);
    lag = work;
    return {std::max(0.0, 1 - busy - own), own};
  }
};

double share(std::uint32_t threshold) { return threshold == UINT32_MAX ? 1 : threshold / 4294967296.0; }

/// Share of exchanges reported, window by window.
std::vector<double> run(Shedder& shedder, Host host, int windows) {
  std::vector<double> kept;
  double keep = 1;
  for (int i = 0; i < windows; ++i) kept.push_back(keep = share(shedder.next(host.window(keep))));
  return kept;
}

TEST(Shedder, AnIdleHostLosesNothing) {
  Shedder shedder(0.03);
  for (const double keep : run(shedder, {.busy = 0.4, .wanted = 0.3}, 100)) EXPECT_EQ(keep, 1);
}

TEST(Shedder, ABusyHostPaysNoMoreThanTheBudget) {
  for (const double wanted : {0.05, 0.2, 0.5}) {
    SCOPED_TRACE(wanted);
    Shedder shedder(0.03);
    const std::vector<double> kept = run(shedder, {.busy = 0.97, .wanted = wanted}, 60);
    for (std::size_t i = 10; i < kept.size(); ++i) EXPECT_LE(kept[i] * wanted, 0.03 * 1.1) << i;
    for (std::size_t i = 30; i < kept.size(); ++i) EXPECT_GE(kept[i] * wanted, 0.03 * 0.7) << i;
  }
}

TEST(Shedder, WhatIsReportedDoesNotSwing) {
  Shedder shedder(0.03);
  const std::vector<double> kept = run(shedder, {.busy = 1, .wanted = 0.4}, 200);
  const auto [least, most] = std::minmax_element(kept.begin() + 30, kept.end());
  EXPECT_LE(*most, *least * 1.3);
}

TEST(Shedder, ReportsEverythingAgainWhenTheHostIsIdle) {
  Shedder shedder(0.03);
  EXPECT_LT(run(shedder, {.busy = 1, .wanted = 0.4}, 50).back(), 0.1);
  EXPECT_EQ(run(shedder, {.busy = 0.3, .wanted = 0.4}, 50).back(), 1);
}

TEST(Shedder, IdleTimeIsUsedUpToAReserve) {
  Shedder shedder(0.03);
  const double kept = run(shedder, {.busy = 0.5, .wanted = 0.4}, 60).back();
  EXPECT_GE(kept * 0.4, 0.19);
  EXPECT_LE(kept * 0.4, 0.27);
}

TEST(Shedder, ABudgetOfTheWholeHostIsNoLimit) {
  Shedder shedder(1);
  for (const double keep : run(shedder, {.busy = 1, .wanted = 0.9}, 50)) EXPECT_EQ(keep, 1);
}

}  // namespace
}  // namespace suture
