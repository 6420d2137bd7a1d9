#include "metrics/instruments.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

namespace suture {
namespace {

TEST(Instruments, EachStandsOnceInTheListAndOnThePage) {
  std::ifstream file(METRICS_PAGE);
  const std::string page(std::istreambuf_iterator<char>(file), {});
  std::set<std::string_view> names;
  for (const Instrument* instrument : instruments::kAll) {
    EXPECT_TRUE(names.insert(instrument->name).second) << instrument->name;
    EXPECT_NE(page.find("| `" + std::string(instrument->name) + "` |"), std::string::npos) << instrument->name;
    EXPECT_EQ(instrument->bounds != nullptr, instrument->kind == InstrumentKind::Histogram) << instrument->name;
  }
}

TEST(Instruments, HaveBoundsThatGrow) {
  for (const Instrument* instrument : instruments::kAll)
    EXPECT_TRUE(instrument->bounds == nullptr || std::is_sorted(instrument->bounds->begin(), instrument->bounds->end())) << instrument->name;
}

}  // namespace
}  // namespace suture
