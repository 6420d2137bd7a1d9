// Version 5 UUIDs and the SHA-1 they are made of (RFC 3174). SHA-1 here names things; nothing secret depends on it.
#include "process/uuid.h"

#include <bit>

namespace suture {
namespace {

using Sha1Digest = std::array<std::uint32_t, 5>;

void sha1_block(const std::uint8_t* block, Sha1Digest& digest) {
  std::array<std::uint32_t, 80> w;
  for (std::size_t i = 0; i < 16; ++i)
    w[i] = std::uint32_t{block[4 * i]} << 24 | std::uint32_t{block[4 * i + 1]} << 16 |
           std::uint32_t{block[4 * i + 2]} << 8 | block[4 * i + 3];
  for (std::size_t i = 16; i < 80; ++i) w[i] = std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);

  auto [a, b, c, d, e] = digest;
  for (std::size_t i = 0; i < 80; ++i) {
    std::uint32_t mix = 0, constant = 0;
    if (i < 20) {
      mix = (b & c) | (~b & d), constant = 0x5a827999;
    } else if (i < 40) {
      mix = b ^ c ^ d, constant = 0x6ed9eba1;
    } else if (i < 60) {
      mix = (b & c) | (b & d) | (c & d), constant = 0x8f1bbcdc;
    } else {
      mix = b ^ c ^ d, constant = 0xca62c1d6;
    }
    const std::uint32_t next = std::rotl(a, 5) + mix + e + constant + w[i];
    e = d, d = c, c = std::rotl(b, 30), b = a, a = next;
  }
  digest[0] += a, digest[1] += b, digest[2] += c, digest[3] += d, digest[4] += e;
}

Sha1Digest sha1(std::string message) {
  // RFC 3174 section 4: a one bit, zeros to 56 bytes modulo 64, the length in bits.
  const std::uint64_t bits = std::uint64_t{message.size()} * 8;
  message.push_back('\x80');
  while (message.size() % 64 != 56) message.push_back('\0');
  for (int shift = 56; shift >= 0; shift -= 8) message.push_back(static_cast<char>(bits >> shift));

  Sha1Digest digest = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  for (std::size_t at = 0; at < message.size(); at += 64)
    sha1_block(reinterpret_cast<const std::uint8_t*>(message.data()) + at, digest);
  return digest;
}

}  // namespace

std::string uuid_v5(const UuidBytes& name_space, std::string_view name) {
  std::string message(name_space.begin(), name_space.end());
  message.append(name);
  const Sha1Digest digest = sha1(std::move(message));

  UuidBytes bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(digest[i / 4] >> (24 - 8 * (i % 4)));
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x50);  // version 5
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);  // variant of RFC 9562 section 4.1

  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text.push_back('-');
    text.push_back(kDigits[bytes[i] >> 4]);
    text.push_back(kDigits[bytes[i] & 15]);
  }
  return text;
}

}  // namespace suture
