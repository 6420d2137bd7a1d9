#include "edges/redis_slot.h"

namespace suture {

std::uint16_t redis_slot_of(std::string_view key) {
  constexpr unsigned kPolynomial = 0x1021;
  unsigned crc = 0;
  for (const char c : key) {
    crc ^= static_cast<unsigned>(static_cast<unsigned char>(c)) << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000) != 0 ? crc << 1 ^ kPolynomial : crc << 1;
    crc &= 0xFFFF;
  }
  return static_cast<std::uint16_t>(crc % kRedisSlots);
}

}  // namespace suture
