#include "trace/trace_context.h"

#include <algorithm>
#include <array>

#include "trace/ascii.h"
#include "trace/formats/hex.h"

namespace suture {
namespace {

// version "-" trace-id "-" parent-id "-" trace-flags (3.2.2)
constexpr std::size_t kTraceIdAt = 3;
constexpr std::size_t kParentAt = 36;
constexpr std::size_t kFlagsAt = 53;
constexpr std::size_t kLength = 55;

constexpr std::size_t kMaxMembers = 32;         // 3.3.1.1
constexpr std::size_t kMaxKey = 256;            // 3.3.1.3.1
constexpr std::size_t kMaxValue = 256;          // 3.3.1.3.2
constexpr std::size_t kLargeMemberBytes = 128;  // longer members are the first to go (3.3.1.5)

bool read_traceparent(std::string_view text, TraceContext& out) {
  if (text.size() < kLength) return false;
  std::uint8_t version = 0;
  std::uint8_t flags = 0;
  if (!read_hex(text, {&version, 1}) || version == 0xff) return false;  // 3.2.2.1: ff is invalid
  // A later version may go on, but only behind another dash (3.2.4).
  if (version == 0 ? text.size() != kLength : (text.size() > kLength && text[kLength] != '-')) return false;
  if (text[kTraceIdAt - 1] != '-' || text[kParentAt - 1] != '-' || text[kFlagsAt - 1] != '-') return false;
  if (!read_hex(text.substr(kTraceIdAt), out.trace_id.bytes) || !out.trace_id.valid()) return false;
  if (!read_hex(text.substr(kParentAt), out.parent.bytes) || !out.parent.valid()) return false;
  if (!read_hex(text.substr(kFlagsAt), {&flags, 1})) return false;
  out.flags = flags & (kTraceFlagSampled | kTraceFlagRandom);
  return true;
}

bool is_key(std::string_view key) {
  if (key.empty() || key.size() > kMaxKey) return false;
  const auto alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (!alphanumeric(key[0])) return false;
  for (const char c : key)
    if (!alphanumeric(c) && c != '_' && c != '-' && c != '*' && c != '/' && c != '@') return false;
  return true;
}

bool is_value(std::string_view value) {
  if (value.empty() || value.size() > kMaxValue || value.back() == ' ') return false;
  for (const char c : value)
    if (c < 0x20 || c > 0x7e || c == ',' || c == '=') return false;
  return true;
}

/// The members of a tracestate, in order. Bounded: a list with more than 32 is not valid.
class Members {
 public:
  /// False if the list as a whole is malformed. Empty members are allowed and do not count (RFC 9110 section 5.6.1.2).
  bool add_field(std::string_view field) {
    while (true) {
      const std::size_t comma = field.find(',');
      if (!add_member(ascii::trim(field.substr(0, comma)))) return false;
      if (comma == std::string_view::npos) return true;
      field.remove_prefix(comma + 1);
    }
  }

  /// Removes whole members, from the right, large ones before all others, until the list fits.
  void truncate(std::size_t limit) {
    drop_from_right(limit, kLargeMemberBytes);
    drop_from_right(limit, 0);
  }

  std::string joined() const {
    std::string out;
    out.reserve(bytes());
    for (std::size_t i = 0; i < count_; ++i) {
      if (i > 0) out.push_back(',');
      out.append(members_[i].text);
    }
    return out;
  }

 private:
  struct Member {
    std::string_view text;
    std::size_t key_length;
    std::string_view key() const { return text.substr(0, key_length); }
  };

  bool add_member(std::string_view text) {
    if (text.empty()) return true;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || !is_key(text.substr(0, equals)) || !is_value(text.substr(equals + 1)))
      return false;
    if (++seen_ > kMaxMembers) return false;
    // The left-most member of a key is the newest (3.3.1.4); the others may be discarded (3.5).
    for (std::size_t i = 0; i < count_; ++i)
      if (members_[i].key() == text.substr(0, equals)) return true;
    members_[count_++] = {text, equals};
    return true;
  }

  void drop_from_right(std::size_t limit, std::size_t longer_than) {
    for (std::size_t i = count_; i-- > 0 && bytes() > limit;) {
      if (members_[i].text.size() <= longer_than) continue;
      for (std::size_t j = i + 1; j < count_; ++j) members_[j - 1] = members_[j];
      --count_;
    }
  }

  std::size_t bytes() const {
    std::size_t sum = count_ > 0 ? count_ - 1 : 0;  // commas
    for (std::size_t i = 0; i < count_; ++i) sum += members_[i].text.size();
    return sum;
  }

  std::array<Member, kMaxMembers> members_;
  std::size_t count_ = 0;
  std::size_t seen_ = 0;  // duplicates included
};

std::string combine_tracestate(std::span<const std::string_view> fields) {
  Members members;
  for (const std::string_view field : fields)
    if (!members.add_field(field)) return {};
  members.truncate(kTraceStateLimitBytes);
  return members.joined();
}

}  // namespace

std::optional<TraceContext> parse_trace_context(std::size_t traceparent_count, std::string_view traceparent,
                                                std::span<const std::string_view> tracestates) {
  TraceContext context;
  if (traceparent_count != 1 || !read_traceparent(ascii::trim(traceparent), context)) return std::nullopt;
  if (!tracestates.empty()) context.trace_state = combine_tracestate(tracestates);
  return context;
}

bool same_trace(const TraceId& a, const TraceId& b) {
  const auto half = [](const TraceId& id) { return std::all_of(id.bytes.begin(), id.bytes.begin() + 8, [](std::uint8_t byte) { return byte == 0; }); };
  return a == b || ((half(a) || half(b)) && std::equal(a.bytes.begin() + 8, a.bytes.end(), b.bytes.begin() + 8));
}

std::string serialize_traceparent(const TraceId& trace_id, const SpanId& parent, std::uint8_t flags) {
  static constexpr char kDigits[] = "0123456789abcdef";
  const std::uint8_t known = flags & (kTraceFlagSampled | kTraceFlagRandom);
  std::string out;
  out.reserve(kLength);
  out.append("00-").append(to_hex(trace_id)).append("-").append(to_hex(parent)).append("-0");
  out.push_back(kDigits[known]);
  return out;
}

}  // namespace suture
