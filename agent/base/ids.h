#pragma once
// Identifiers that cross folders: trace and span ids (W3C Trace Context 3.2.2), and the name of a process.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace suture {

struct TraceId {
  std::array<std::uint8_t, 16> bytes{};
  bool valid() const { return bytes != std::array<std::uint8_t, 16>{}; }
  friend auto operator<=>(const TraceId&, const TraceId&) = default;
};

struct SpanId {
  std::array<std::uint8_t, 8> bytes{};
  bool valid() const { return bytes != std::array<std::uint8_t, 8>{}; }
  friend auto operator<=>(const SpanId&, const SpanId&) = default;
};

/// Lower-case hex, 32 and 16 characters.
std::string to_hex(const TraceId& id);
std::string to_hex(const SpanId& id);

/// A process for as long as it lives: pid numbers are reused, (pid, start) is not. exec keeps both.
struct ProcessKey {
  std::uint32_t tgid = 0;           // in the initial PID namespace
  std::uint64_t start_ns = 0;       // CLOCK_BOOTTIME
  bool valid() const { return tgid != 0; }
  friend auto operator<=>(const ProcessKey&, const ProcessKey&) = default;
};

}  // namespace suture

template <>
struct std::hash<suture::ProcessKey> {
  std::size_t operator()(const suture::ProcessKey& key) const noexcept {
    return static_cast<std::size_t>((key.start_ns ^ (std::uint64_t{key.tgid} << 40)) * 0x9e3779b97f4a7c15ull >> 7);
  }
};

template <>
struct std::hash<suture::TraceId> {
  std::size_t operator()(const suture::TraceId& id) const noexcept {
    std::uint64_t low = 0;
    for (std::size_t i = 8; i < 16; ++i) low = low << 8 | id.bytes[i];
    return static_cast<std::size_t>(low * 0x9e3779b97f4a7c15ull);
  }
};
