#include "trace/siphash.h"

#include <gtest/gtest.h>

#include <array>

namespace suture {
namespace {

// The reference vectors of the paper's implementation: key 00 01 .. 0f, message 00 01 .. n-1, output as bytes in
// little-endian order. All lengths of a last word, with no, one and two words before it, and the longest.
struct Hashed {
  std::size_t length;
  std::uint64_t bytes;  // as printed, first byte first
};
constexpr Hashed kVectors[] = {
    {0, 0x310e0edd47db6f72},  {1, 0xfd67dc93c539f874},  {2, 0x5a4fa9d909806c0d},  {3, 0x2d7efbd796666785},
    {4, 0xb7877127e09427cf},  {5, 0x8da699cd64557618},  {6, 0xcee3fe586e46c9cb},  {7, 0x37d1018bf50002ab},
    {8, 0x6224939a79f5f593},  {9, 0xb0e4a90bdf82009e},  {10, 0xf3b9dd94c5bb5d7a}, {11, 0xa7ad6b22462fb3f4},
    {12, 0xfbe50e86bc8f1e75}, {13, 0x903d84c02756ea14}, {14, 0xeef27a8e90ca23f7}, {15, 0xe545be4961ca29a1},
    {16, 0xdb9bc2577fcc2a3f}, {63, 0x724506eb4c328a95},
};

TEST(SipHash, GivesTheReferenceVectors) {
  std::array<std::uint8_t, 16> key;
  std::array<std::uint8_t, 64> message;
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i);
  for (std::size_t i = 0; i < message.size(); ++i) message[i] = static_cast<std::uint8_t>(i);
  for (const Hashed& vector : kVectors) {
    const std::uint64_t hash = siphash_2_4(key, std::span(message).first(vector.length));
    EXPECT_EQ(hash, __builtin_bswap64(vector.bytes)) << vector.length;
  }
}

}  // namespace
}  // namespace suture
