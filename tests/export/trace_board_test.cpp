#include "export/console/trace_board.h"

#include <gtest/gtest.h>

#include "sample.h"

namespace suture {
namespace {

using std::chrono::milliseconds;

TraceRow row(std::uint8_t trace, std::uint8_t id, std::uint8_t parent = 0) {
  TraceRow row;
  row.trace = test::trace_id(trace);
  row.id = test::span_id(id);
  if (parent != 0) row.parent = test::span_id(parent);
  return row;
}

class TraceBoardTest : public ::testing::Test {
 protected:
  TraceBoard::Clock::time_point at(int ms) const { return start + milliseconds{ms}; }
  const TraceBoard::Clock::time_point start = TraceBoard::Clock::now();
  TraceBoard board;
};

TEST_F(TraceBoardTest, DrawsACompleteTraceOnceItIsQuiet) {
  board.add(row(1, 2, 1), at(0));  // the child comes first, as servers end before their clients
  board.add(row(1, 1), at(100));
  EXPECT_EQ(board.next_due(), at(400));
  EXPECT_TRUE(board.take_due(at(399)).empty());
  const auto due = board.take_due(at(400));
  ASSERT_EQ(due.size(), 1u);
  EXPECT_TRUE(due[0].complete);
  EXPECT_EQ(due[0].rows.size(), 2u);
  EXPECT_FALSE(board.next_due());
}

TEST_F(TraceBoardTest, WaitsForAMissingParentUntilPatienceEnds) {
  board.add(row(1, 1), at(0));
  board.add(row(1, 3, 2), at(10));
  EXPECT_TRUE(board.take_due(at(1999)).empty());
  const auto due = board.take_due(at(2000));
  ASSERT_EQ(due.size(), 1u);
  EXPECT_FALSE(due[0].complete);
}

TEST_F(TraceBoardTest, IsCompleteWhenTheMissingParentComes) {
  board.add(row(1, 3, 2), at(0));
  EXPECT_EQ(board.next_due(), at(2000));
  board.add(row(1, 2), at(500));
  EXPECT_EQ(board.next_due(), at(800));
}

TEST_F(TraceBoardTest, DoesNotWaitForeverForATraceThatNeverRests) {
  for (int ms = 0; ms <= 2000; ms += 100) board.add(row(1, static_cast<std::uint8_t>(ms / 100 + 1)), at(ms));
  EXPECT_EQ(board.take_due(at(2000)).size(), 1u);
}

TEST_F(TraceBoardTest, KeepsTracesApartAndInOrder) {
  board.add(row(2, 1), at(0));
  board.add(row(1, 1), at(1));
  const auto all = board.take_all();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].rows[0].trace, test::trace_id(2));
  EXPECT_EQ(all[1].rows[0].trace, test::trace_id(1));
}

TEST_F(TraceBoardTest, DrawsTheOldestEarlyWhenTooMuchWaits) {
  TraceBoard by_traces({.spans = 100, .traces = 2});
  TraceBoard by_spans({.spans = 2, .traces = 100});
  for (TraceBoard* small : {&by_traces, &by_spans}) {
    for (std::uint8_t trace = 1; trace <= 3; ++trace) small->add(row(trace, 1), at(0));
    const auto early = small->take_due(at(0));
    ASSERT_EQ(early.size(), 1u);
    EXPECT_EQ(early[0].rows[0].trace, test::trace_id(1));
    EXPECT_EQ(small->take_all().size(), 2u);
  }
}

TEST_F(TraceBoardTest, HoldsARingOfParentsForIncomplete) {
  EXPECT_FALSE(is_complete({row(1, 1, 2), row(1, 2, 1)}));
  EXPECT_FALSE(is_complete({row(1, 1, 1)}));
  EXPECT_TRUE(is_complete({row(1, 1), row(1, 2, 1)}));
}

}  // namespace
}  // namespace suture
