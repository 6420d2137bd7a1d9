// Positions that do not wrap, from sequence numbers that do.
#include "conn/stream.h"

#include <gtest/gtest.h>

#include "sample.h"

namespace suture {
namespace {

using test::kGiB;

TEST(Stream, CountsFromTheFirstByte) {
  Stream stream(1000);
  EXPECT_EQ(stream.position(1000), 0u);
  EXPECT_EQ(stream.position(1500), 500u);
}

TEST(Stream, GoesOnWhereTheSequenceNumbersWrap) {
  Stream stream(0xffffff00u);
  EXPECT_EQ(stream.position(0xfffffff0u), 0xf0u);
  EXPECT_EQ(stream.position(0x10u), 0x110u);
}

TEST(Stream, GrowsBeyondFourGiB) {
  Stream stream(77);
  std::uint64_t position = 0;
  for (int step = 0; step < 20; ++step, position += kGiB) {
    ASSERT_EQ(stream.position(77 + static_cast<std::uint32_t>(position)), position);
  }
}

TEST(Stream, StepsBackForASendThatComesAgain) {
  Stream stream(0xffffff00u);
  EXPECT_EQ(stream.position(0x100u), 0x200u);
  EXPECT_EQ(stream.position(0xffffff80u), 0x80u);
  EXPECT_EQ(stream.position(0x100u), 0x200u);
}

TEST(Stream, NeverGoesBelowTheFirstByte) {
  // Numbered from the first send, because the handshake was not known; this byte is older.
  Stream stream(1000);
  const std::uint64_t before = stream.position(900);
  EXPECT_EQ(stream.position(1000), before + 100);
  EXPECT_EQ(stream.position(1200), before + 300);
}

TEST(Stream, StartsWhereTheKernelsCounterIs) {
  for (const std::uint64_t moved : {3 * kGiB, 5 * kGiB, 1000 * kGiB + 12345}) {
    Stream stream(1000);
    stream.remember(moved);
    // The counter stands at what was acknowledged or has arrived: a little off the byte at hand, either way.
    EXPECT_EQ(stream.position(1000 + static_cast<std::uint32_t>(moved - 4096)), moved - 4096);
    EXPECT_EQ(stream.position(1000 + static_cast<std::uint32_t>(moved + 4096)), moved + 4096);
  }
}

TEST(Stream, IsNotTakenBackByAnOldCounter) {
  Stream stream(0);
  stream.remember(6 * kGiB);
  stream.remember(kGiB);
  EXPECT_EQ(stream.position(static_cast<std::uint32_t>(6 * kGiB + 1)), 6 * kGiB + 1);
}

TEST(Stream, TakesNoCounterThatCannotBe) {
  Stream stream(0);
  stream.remember(UINT64_MAX);
  EXPECT_EQ(stream.position(100), 100u);
}

}  // namespace
}  // namespace suture
