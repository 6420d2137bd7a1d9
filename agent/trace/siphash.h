#pragma once
// SipHash-2-4 with 64-bit output (Aumasson and Bernstein, 2012): a keyed hash. Without the key its output tells nothing
// of its input.

#include <cstdint>
#include <span>

namespace suture {

std::uint64_t siphash_2_4(std::span<const std::uint8_t, 16> key, std::span<const std::uint8_t> message);

}  // namespace suture
