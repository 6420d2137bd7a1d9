#include "runtime/go_versions.h"

#include <charconv>
#include <cstdint>

namespace suture {
namespace {

// `go run tests/runtime/go_offsets.go` prints the row of the Go that runs it. Structs of the runtime and of net/http have not
// changed in patch releases; where one does, the walk finds no connection, or no goroutine of a likely number.
struct Row {
  std::uint32_t minor;         // of go1.MINOR
  std::uint32_t goid;          // runtime.g
  std::uint32_t parent_goid;   // runtime.g, since 1.21
  std::uint32_t reqch;         // net/http.persistConn
  std::uint32_t call_bytes;    // net/http.requestAndChan
  std::uint32_t call_channel;  // net/http.requestAndChan.ch
  std::uint32_t receivers;     // runtime.hchan.recvq.first
  std::uint32_t waiter;        // runtime.sudog.g
};
constexpr Row kRows[] = {
    {22, 152, 272, 128, 48, 16, 56, 0},
    {23, 160, 280, 128, 40, 8, 64, 0},
    {24, 160, 280, 128, 40, 8, 64, 0},
    {25, 152, 272, 128, 40, 8, 64, 0},
    {26, 152, 280, 128, 40, 8, 64, 0},
};

constexpr std::string_view kMagic = "\xff Go buildinf:";
constexpr std::size_t kFlags = 15, kStrings = 32;
constexpr unsigned kInline = 2;  // the strings follow, each behind its length as a varint

}  // namespace

std::optional<std::string_view> go_version_in(std::span<const std::byte> buildinfo) {
  const std::string_view text(reinterpret_cast<const char*>(buildinfo.data()), buildinfo.size());
  if (text.size() <= kStrings || text.substr(0, kMagic.size()) != kMagic) return std::nullopt;
  const auto length = static_cast<unsigned char>(text[kStrings]);  // a version of 128 bytes and more is none
  if ((static_cast<unsigned char>(text[kFlags]) & kInline) == 0 || length >= 0x80 || text.size() - kStrings - 1 < length) return std::nullopt;
  return text.substr(kStrings + 1, length);
}

std::optional<runtime> go_runtime_of(std::string_view version) {
  constexpr std::string_view kGo1 = "go1.";
  if (version.substr(0, kGo1.size()) != kGo1) return std::nullopt;  // "devel ..." too
  version.remove_prefix(kGo1.size());
  std::uint32_t minor = 0;
  const auto [end, error] = std::from_chars(version.data(), version.data() + version.size(), minor);
  if (error != std::errc()) return std::nullopt;
  version.remove_prefix(static_cast<std::size_t>(end - version.data()));
  if (!version.empty() && version[0] != '.' && version[0] != ' ') return std::nullopt;  // rc, beta
  for (const Row& row : kRows) {
    if (row.minor != minor) continue;
    runtime found{};
    found.kind = RUNTIME_GO;
    found.version = 1000 + minor;
    found.offset[GO_GOID] = row.goid;
    found.offset[GO_PARENT_GOID] = row.parent_goid;
    found.offset[GO_REQCH] = row.reqch;
    found.offset[GO_CALL_BYTES] = row.call_bytes;
    found.offset[GO_CALL_CHANNEL] = row.call_channel;
    found.offset[GO_RECEIVERS] = row.receivers;
    found.offset[GO_WAITER] = row.waiter;
    return found;
  }
  return std::nullopt;
}

}  // namespace suture
