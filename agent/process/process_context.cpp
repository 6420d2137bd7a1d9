#include "process/process_context.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "process/process_context.pb.h"

namespace suture {
namespace {

constexpr std::size_t kMostMaps = 4u << 20;    // bytes; a JVM with ten thousand mappings has 1 MiB
constexpr std::size_t kMostPayload = 64u << 10;
constexpr int kMostAttributes = 64;
constexpr std::size_t kLongestText = 1024;
constexpr int kTries = 3;  // an update takes microseconds

/// "Header Structure" of the OTEP.
struct Header {
  char signature[8];
  std::uint32_t version;
  std::uint32_t payload_size;
  std::uint64_t published_at_ns;  // 0: being written
  std::uint64_t payload;
};
static_assert(sizeof(Header) == 32);
constexpr std::uint32_t kVersion = 2;

bool read_at(const Fd& memory, std::uint64_t address, void* to, std::size_t bytes) {
  return ::pread(memory.get(), to, bytes, static_cast<off_t>(address)) == static_cast<ssize_t>(bytes);
}

bool is_context(std::string_view maps_line) {
  for (const std::string_view name : {" /memfd:OTEL_CTX", " [anon_shmem:OTEL_CTX]", " [anon:OTEL_CTX]"})
    if (maps_line.find(name) != maps_line.npos) return true;
  return false;
}

/// Where the mapping begins that has the context; 0: nowhere.
std::uint64_t find_mapping(const Fd& maps) {
  std::array<char, 16'384> buffer;
  std::string line;
  std::size_t total = 0;
  for (ssize_t got = 0; total < kMostMaps && (got = ::read(maps.get(), buffer.data(), buffer.size())) > 0; total += static_cast<std::size_t>(got)) {
    for (std::string_view rest(buffer.data(), static_cast<std::size_t>(got)); !rest.empty();) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      line.append(rest.substr(0, end));
      if (end == rest.size()) break;
      rest.remove_prefix(end + 1);
      std::uint64_t begin = 0;
      if (is_context(line) && std::from_chars(line.data(), line.data() + line.size(), begin, 16).ec == std::errc()) return begin;
      line.clear();
    }
  }
  return 0;
}

/// "Reading Protocol" of the OTEP: the time of publishing tells whether all is of one piece.
std::optional<std::string> read_payload(const Fd& memory, std::uint64_t mapping) {
  for (int i = 0; i < kTries; ++i) {
    Header header{}, after{};
    if (!read_at(memory, mapping, &header, sizeof(header))) return std::nullopt;
    if (std::memcmp(header.signature, "OTEL_CTX", sizeof(header.signature)) != 0 || header.version != kVersion) return std::nullopt;
    if (header.published_at_ns == 0) continue;
    if (header.payload_size > kMostPayload) return std::nullopt;
    std::string payload(header.payload_size, '\0');
    const bool whole = read_at(memory, header.payload, payload.data(), payload.size());
    if (!read_at(memory, mapping, &after, sizeof(after))) return std::nullopt;
    if (after.published_at_ns != header.published_at_ns) continue;
    return whole ? std::optional(std::move(payload)) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

ResourceAttributes read_process_context(const Fd& process) {
  const Fd maps(::openat(process.get(), "maps", O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  const std::uint64_t mapping = maps.valid() ? find_mapping(maps) : 0;
  if (mapping == 0) return {};
  const Fd memory(::openat(process.get(), "mem", O_RDONLY | O_CLOEXEC));
  const std::optional<std::string> payload = memory.valid() ? read_payload(memory, mapping) : std::nullopt;
  process::v1::ProcessContext context;
  if (!payload || !context.ParseFromString(*payload)) return {};
  ResourceAttributes attributes;
  for (const process::v1::KeyValue& attribute : context.resource().attributes()) {
    if (attributes.size() == kMostAttributes) break;
    const std::string& text = attribute.value().string_value();
    if (!attribute.key().empty() && attribute.value().has_string_value() && text.size() <= kLongestText && attribute.key().size() <= kLongestText)
      attributes.emplace_back(attribute.key(), text);
  }
  return attributes;
}

}  // namespace suture
