#include "base/ids.h"

#include <span>

namespace suture {
namespace {

std::string hex(std::span<const std::uint8_t> bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (std::uint8_t byte : bytes) {
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

}  // namespace

std::string to_hex(const TraceId& id) { return hex(id.bytes); }
std::string to_hex(const SpanId& id) { return hex(id.bytes); }

}  // namespace suture
