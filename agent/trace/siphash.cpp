#include "trace/siphash.h"

#include <bit>

namespace suture {
namespace {

/// Up to 8 bytes, little-endian on every machine.
std::uint64_t load(const std::uint8_t* bytes, std::size_t count) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < count; ++i) word |= std::uint64_t{bytes[i]} << (8 * i);
  return word;
}

struct State {
  std::uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1, v1 = std::rotl(v1, 13), v1 ^= v0, v0 = std::rotl(v0, 32);
    v2 += v3, v3 = std::rotl(v3, 16), v3 ^= v2;
    v0 += v3, v3 = std::rotl(v3, 21), v3 ^= v0;
    v2 += v1, v1 = std::rotl(v1, 17), v1 ^= v2, v2 = std::rotl(v2, 32);
  }

  void absorb(std::uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
};

}  // namespace

std::uint64_t siphash_2_4(std::span<const std::uint8_t, 16> key, std::span<const std::uint8_t> message) {
  const std::uint64_t k0 = load(key.data(), 8);
  const std::uint64_t k1 = load(key.data() + 8, 8);
  // The paper's constants: "somepseudorandomlygeneratedbytes".
  State state{k0 ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du, k0 ^ 0x6c7967656e657261u, k1 ^ 0x7465646279746573u};

  const std::size_t whole = message.size() / 8 * 8;
  for (std::size_t i = 0; i < whole; i += 8) state.absorb(load(message.data() + i, 8));
  const std::uint64_t length_byte = std::uint64_t{message.size() & 0xff} << 56;
  state.absorb(length_byte | load(message.data() + whole, message.size() - whole));

  state.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace suture
