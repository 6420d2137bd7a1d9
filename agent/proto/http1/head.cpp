// One pass over the lines: memchr finds their ends, a table checks names, eight bytes at a time are checked in values,
// and a name is looked at only if its length is that of one we want.
#include "proto/http1/head.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "proto/http1/characters.h"
#include "proto/http1/fields.h"

namespace suture::http1 {
namespace {

/// One line, without its end. `bare`: it ended without a CR.
struct Line {
  const char* begin;
  const char* end;
  const char* next;
  bool bare;
};

/// False: no whole line is left.
bool next_line(const char* p, const char* end, Line& line) {
  if (p >= end) return false;
  const void* const found = std::memchr(p, '\n', static_cast<std::size_t>(end - p));
  if (found == nullptr) return false;
  const char* const lf = static_cast<const char*>(found);
  line.begin = p;
  line.next = lf + 1;
  line.bare = lf == p || lf[-1] != '\r';
  line.end = line.bare ? lf : lf - 1;
  return true;
}

/// Hands each field line to `on_field`; returns whether anything looked suspicious.
template <typename OnField>
bool parse_fields(const char* p, const char* end, OnField&& on_field) {
  bool suspicious = false;
  Line line;
  while (next_line(p, end, line)) {
    suspicious |= line.bare;
    p = line.next;
    if (line.begin == line.end) break;
    const char* q = line.begin;
    while (q < line.end && is_token(*q)) ++q;
    Field field{line.begin, static_cast<std::size_t>(q - line.begin), {}};
    if (q < line.end && *q != ':') {  // white space before the colon (RFC 9112 section 5.1), or no name at all
      suspicious = true;
      while (q < line.end && is_blank(*q)) ++q;
    }
    if (q == line.end || *q != ':' || field.name_length == 0) {
      suspicious = true;
      continue;
    }
    const char* value = q + 1;
    const char* value_end = line.end;
    while (p < end && is_blank(*p)) {  // obs-fold
      suspicious = true;
      if (!next_line(p, end, line)) break;
      value_end = line.end;
      p = line.next;
    }
    suspicious |= has_forbidden(value, value_end);
    while (value < value_end && is_blank(*value)) ++value;
    while (value < value_end && is_blank(value_end[-1])) --value_end;
    field.value = view(value, value_end);
    suspicious |= on_field(field);
  }
  return suspicious;
}

/// "HTTP/1." and one digit, at most 9 by construction.
bool version(const char* p, std::uint8_t& minor) {
  if (std::memcmp(p, "HTTP/1.", 7) != 0 || p[7] < '0' || p[7] > '9') return false;
  minor = static_cast<std::uint8_t>(p[7] - '0');
  return true;
}

/// RFC 9112 section 3, with white space handled as its leniency allows: the method ends at the first space, the version
/// is what the line ends with.
bool request_line(const char* head, const char* begin, const char* end, bool cut, HttpRequest& request) {
  const char* p = begin;
  while (p < end && is_token(*p)) ++p;
  if (p == begin || p == end || *p != ' ') return false;
  const char* target = p + 1;
  const char* target_end = end;
  const auto slice = [head](const char* from, const char* to) {
    return Slice{static_cast<std::uint16_t>(from - head), static_cast<std::uint16_t>(to - from)};
  };
  request.method = slice(begin, p);
  if (!cut) {
    while (target_end > target && is_blank(target_end[-1])) --target_end;
    if (target_end != end) request.suspicious = true;
    if (target_end - target < 9 || !version(target_end - 8, request.version_minor)) return false;
    target_end -= 8;
    if (target_end[-1] != ' ') return false;
    --target_end;
  }
  const char* const untrimmed = target;
  const char* const untrimmed_end = target_end;
  while (target < target_end && is_blank(*target)) ++target;
  while (target_end > target && is_blank(target_end[-1])) --target_end;
  if (target == target_end) return false;
  const std::string_view text = view(target, target_end);
  if (target != untrimmed || target_end != untrimmed_end || text.find_first_of(" \t") != std::string_view::npos ||
      has_forbidden(target, target_end)) {
    request.suspicious = true;
  }
  request.target = slice(target, target_end);
  return true;
}

/// RFC 9112 section 4. A missing reason and even the space before it are common.
bool status_line(const char* begin, const char* end, HttpResponse& response) {
  if (end - begin < 12 || !version(begin, response.version_minor) || begin[8] != ' ') return false;
  const auto [rest, error] = std::from_chars(begin + 9, begin + 12, response.status);
  if (error != std::errc{} || rest != begin + 12 || response.status < 100) return false;
  if (end - begin > 12 && begin[12] != ' ') return false;
  if (has_forbidden(begin + 12, end)) response.suspicious = true;
  return true;
}

/// Both lengths at once are the classic of request smuggling; the coding wins (RFC 9112 section 6.3). A coding in a
/// 1.0 message is faulty framing (section 6.1).
bool contradictory(const HeadFacts& facts, std::uint8_t version_minor) {
  return facts.transfer_encoding && (facts.length != HeadFacts::Length::Absent || version_minor == 0);
}

}  // namespace

std::size_t find_head_end(std::string_view bytes, std::size_t& resume) {
  const char* const begin = bytes.data();
  const char* const end = begin + bytes.size();
  const char* p = begin + resume;
  while (p < end) {
    const void* const found = std::memchr(p, '\n', static_cast<std::size_t>(end - p));
    if (found == nullptr) break;
    const char* const lf = static_cast<const char*>(found);
    const char* after = lf + 1;
    if (after < end && *after == '\r') ++after;
    if (after == end) {  // whether the next line is blank is not known yet
      resume = static_cast<std::size_t>(lf - begin);
      return std::string_view::npos;
    }
    if (*after == '\n') return static_cast<std::size_t>(after + 1 - begin);
    p = after;
  }
  resume = bytes.size();
  return std::string_view::npos;
}

bool is_response(std::string_view head) { return head.substr(0, 5) == "HTTP/"; }

bool may_become_head(std::string_view bytes) {
  constexpr std::string_view kVersion = "HTTP/1.";
  const std::size_t common = std::min(bytes.size(), kVersion.size());
  if (bytes.substr(0, common) == kVersion.substr(0, common)) return true;
  std::size_t i = 0;
  while (i < bytes.size() && is_token(bytes[i])) ++i;
  if (i == bytes.size()) return i > 0;
  if (i == 0 || bytes[i] != ' ') return false;
  const std::size_t lf = bytes.find('\n');
  if (lf == std::string_view::npos) return true;
  HttpRequest request;
  const std::size_t line_end = bytes[lf - 1] == '\r' ? lf - 1 : lf;
  return request_line(bytes.data(), bytes.data(), bytes.data() + line_end, false, request);
}

bool parse_request(std::string_view head, bool truncated, HttpRequest& request, HeadFacts& facts) {
  const char* const begin = head.data();
  const char* const end = begin + head.size();
  request.truncated = facts.truncated = truncated;
  Line line;
  if (!next_line(begin, end, line)) {
    return truncated && request_line(begin, begin, end, true, request);
  }
  if (!request_line(begin, line.begin, line.end, false, request)) return false;
  if (line.bare) request.suspicious = true;
  if (parse_fields(line.next, end, RequestFields(begin, request, facts))) request.suspicious = true;
  if (contradictory(facts, request.version_minor)) request.suspicious = true;
  return true;
}

bool parse_response(std::string_view head, bool truncated, HttpResponse& response, HeadFacts& facts) {
  const char* const begin = head.data();
  const char* const end = begin + head.size();
  response.truncated = facts.truncated = truncated;
  Line line;
  if (!next_line(begin, end, line)) return truncated && status_line(begin, end, response);
  if (!status_line(line.begin, line.end, response)) return false;
  if (line.bare) response.suspicious = true;
  if (parse_fields(line.next, end, [&facts](const Field& field) { return framing_field(field, facts); })) {
    response.suspicious = true;
  }
  if (contradictory(facts, response.version_minor)) response.suspicious = true;
  return true;
}

}  // namespace suture::http1
