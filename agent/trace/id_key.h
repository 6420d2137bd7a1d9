#pragma once
// IdKey: the secret that span ids are derived with. Random per host, or shared by hosts that shall agree on ids; a
// recording carries one of its own, never the live one.

#include <array>
#include <cstdint>
#include <span>

namespace suture {

struct IdKey {
  std::array<std::uint8_t, 16> bytes{};
  friend bool operator==(const IdKey&, const IdKey&) = default;
};

/// From the kernel's generator.
IdKey random_id_key();

/// Fills `bytes` from the kernel's generator (getrandom(2)), waiting for it early at boot.
void fill_random(std::span<std::uint8_t> bytes);

}  // namespace suture
