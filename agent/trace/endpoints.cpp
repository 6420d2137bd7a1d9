#include "trace/endpoints.h"

#include <algorithm>
#include <charconv>

namespace suture {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};  // RFC 4291 2.5.5.2

/// The longest run of at least two zero groups, the first of equals (RFC 5952 section 4.2). Empty: {8, 8}.
struct ZeroRun {
  int begin = 8;
  int end = 8;
};

ZeroRun longest_zero_run(const std::array<unsigned, 8>& groups) {
  ZeroRun best;
  for (int begin = 0; begin < 8; ++begin) {
    int end = begin;
    while (end < 8 && groups[static_cast<std::size_t>(end)] == 0) ++end;
    if (end - begin >= 2 && end - begin > best.end - best.begin) best = {begin, end};
    if (end > begin) begin = end;
  }
  return best;
}

}  // namespace

AddressText::AddressText(AddressFamily family, const AddressBytes& address, const std::string* path) : path_(path) {
  if (family == AddressFamily::Inet) {
    write_ipv4(address.data());
  } else if (family == AddressFamily::Inet6) {
    if (std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), address.begin())) {
      write_ipv4(address.data() + kMappedPrefix.size());
    } else {
      write_ipv6(address);
    }
  }
}

void AddressText::write_ipv4(const std::uint8_t* address) {
  for (int i = 0; i < 4; ++i) {
    if (i > 0) put('.');
    const unsigned value = address[i];
    if (value >= 100) put(static_cast<char>('0' + value / 100));
    if (value >= 10) put(static_cast<char>('0' + value / 10 % 10));
    put(static_cast<char>('0' + value % 10));
  }
}

void AddressText::write_ipv6(const AddressBytes& address) {
  std::array<unsigned, 8> groups;
  for (std::size_t i = 0; i < 8; ++i) groups[i] = unsigned{address[2 * i]} << 8 | address[2 * i + 1];
  const ZeroRun run = longest_zero_run(groups);
  for (int i = 0; i < 8; ++i) {
    if (i == run.begin) {
      put(':');
      put(':');
      i = run.end - 1;
      continue;
    }
    if (i > 0 && i != run.end) put(':');
    char* const end = bytes_.data() + bytes_.size();
    const auto written = std::to_chars(bytes_.data() + size_, end, groups[static_cast<std::size_t>(i)], 16);
    size_ = static_cast<std::size_t>(written.ptr - bytes_.data());
  }
}

}  // namespace suture
