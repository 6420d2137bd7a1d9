#include "trace/span_id.h"

#include <gtest/gtest.h>

#include <set>

namespace suture {
namespace {

constexpr IdKey kKey{{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}};
constexpr std::uint32_t kClientIsn = 0x01020304;
constexpr std::uint32_t kServerIsn = 0xa0b0c0d0;

// Values of the format itself: they may change only if two versions of the agent may disagree.
TEST(SpanId, StaysTheSameInEveryVersion) {
  EXPECT_EQ(to_hex(derive_span_id(kKey, kClientIsn, kServerIsn, 517, SpanKind::Client)), "1caf16211179de01");
  EXPECT_EQ(to_hex(derive_span_id(kKey, 0x01020304a0b0c0d0, 517, SpanKind::Client)), "2f1f0460438ee341");
}

TEST(SpanId, DiffersWithEveryPartOfTheName) {
  IdKey other_key = kKey;
  other_key.bytes[15] ^= 1;
  const std::set<SpanId> ids{
      derive_span_id(kKey, kClientIsn, kServerIsn, 517, SpanKind::Client),
      derive_span_id(kKey, kClientIsn, kServerIsn, 517, SpanKind::Server),
      derive_span_id(kKey, kClientIsn, kServerIsn, 518, SpanKind::Client),
      derive_span_id(kKey, kClientIsn, kServerIsn, 517 + (std::uint64_t{1} << 32), SpanKind::Client),
      derive_span_id(kKey, kServerIsn, kClientIsn, 517, SpanKind::Client),
      derive_span_id(other_key, kClientIsn, kServerIsn, 517, SpanKind::Client),
      derive_span_id(kKey, std::uint64_t{kClientIsn} << 32 | kServerIsn, 517, SpanKind::Client),
  };
  EXPECT_EQ(ids.size(), 7u);
}

}  // namespace
}  // namespace suture
