// The state machine over the bytes of heads: see head_redactor.h.
#include "recording/head_redactor.h"

#include <algorithm>

namespace suture {
namespace {

constexpr char kBlank = 'x';
constexpr std::string_view kVersion = "HTTP/1.";  // RFC 9112 section 2.3, then one digit

bool ends_line(char c) { return c == '\r' || c == '\n'; }
bool is_space(char c) { return c == ' ' || c == '\t'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool is_token(char c) {  // RFC 9110 section 5.6.2
  const char l = lower(c);
  return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

void blank(std::span<char> bytes) {
  for (char& c : bytes)
    if (!ends_line(c)) c = kBlank;
}

std::string_view text_of(std::span<const char> bytes) { return {bytes.data(), bytes.size()}; }

}  // namespace

bool keeps_field_value(std::string_view name) {
  static constexpr std::string_view kNames[] = {
      "traceparent", "tracestate", "b3",      "uber-trace-id", "x-amzn-trace-id", "content-length", "transfer-encoding",
      "connection",  "upgrade",    "expect",  "trailer",       "host",            "status"};
  static constexpr std::string_view kFamilies[] = {"x-b3-", "x-datadog-"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames) ||
         std::any_of(std::begin(kFamilies), std::end(kFamilies), [&](auto family) { return name.starts_with(family); });
}

void HeadRedactor::redact(std::span<char> bytes) {
  while (!bytes.empty()) bytes = bytes.subspan(step(bytes));
}

/// Passes over at least one byte of `rest`, and returns over how many. May look at all of them.
std::size_t HeadRedactor::step(std::span<char> rest) {
  char& c = rest[0];
  switch (state_) {
    case State::Lost: blank(rest); return rest.size();
    case State::Start:
      if (ends_line(c)) return 1;  // empty lines before a request: RFC 9112 section 2.2
      become(State::Token);
      break;
    case State::Line:
      if (!ends_line(c)) become(first_of_line(rest));
      else if (c == '\n') begin();
      else state_ = State::EmptyLine;
      if (ends_line(c)) return 1;
      break;
    case State::EmptyLine:
      if (c == '\n') return begin(), 1;
      state_ = State::BlankLine;
      break;
    default: break;
  }
  if (c == '\n') return state_ = State::Line, 1;
  if (c == '\r') return state_ = State::BlankLine, 1;  // what follows a bare CR, one server takes for another line
  if (state_ == State::Target) return target(rest);
  if (state_ == State::Parameter) return parameter(rest);
  if (!keep(c)) c = kBlank;
  return 1;
}

HeadRedactor::State HeadRedactor::first_of_line(std::span<const char> rest) const {
  if (is_space(rest[0])) return State::BlankLine;  // obs-fold: the rest of a value
  const std::string_view text = text_of(rest);
  const std::size_t end = text.find_first_of("\r\n");
  const bool no_field = end != std::string_view::npos && text.substr(0, end).find(':') == std::string_view::npos;
  return no_field ? State::BlankLine : State::Name;
}

/// Decides on one byte inside a line.
bool HeadRedactor::keep(char c) {
  switch (state_) {
    case State::Token:
      if (c == ':') return name_over();  // a trailer
      if (c == ' ' && token_size_ > 0) {
        become(std::string_view(token_.data(), 5) == "http/" ? State::Reason : State::Target);
        return true;
      }
      return (is_token(c) || c == '/') && token_size_ < token_.size() ? remember(c) : give_up();
    case State::Path:
      if (c == '?') state_ = State::Parameter;
      if (c == ' ') become(State::Version);
      return true;
    case State::BlankTarget:
      if (c == ' ') become(State::Version);
      return c == ' ';
    case State::BlankName:
    case State::Value:
      if (c == ' ') {
        become(State::Version);
      } else if (c == '&') {
        state_ = State::Parameter;
      } else if (c == '=' && state_ == State::BlankName) {
        state_ = State::Value;
      } else {
        return false;
      }
      return true;
    case State::Version: {
      const bool digit = token_size_ == kVersion.size() && c >= '0' && c <= '9';
      return digit || (token_size_ < kVersion.size() && c == kVersion[token_size_]) ? remember(c) : give_up();
    }
    case State::Name:
    case State::NameSpace:
      if (c == ':') return name_over();
      if (is_space(c)) return state_ = State::NameSpace, true;
      return state_ == State::Name && is_token(c) ? remember(c) : give_up();
    case State::ValueSpace: return is_space(c) ? true : give_up();
    case State::Reason:
    case State::PlainValue: return true;
    default: return false;
  }
}

/// "*", "/path?query", "host:port" of CONNECT, or "scheme://user:password@host/path?query".
std::size_t HeadRedactor::target(std::span<char> rest) {
  if (rest[0] == '/' || rest[0] == '*') {
    state_ = State::Path;
    return 1;
  }
  const std::string_view text = text_of(rest);
  const std::size_t end = text.find_first_of(" \r\n");
  if (end == std::string_view::npos) {  // cut: whether there are credentials cannot be told
    state_ = State::BlankTarget;
    blank(rest);
    return rest.size();
  }
  const std::string_view target = text.substr(0, end);
  const std::size_t scheme = target.find("://");
  const std::size_t begin =
      std::min(scheme == target.npos ? 0 : target.find_first_not_of('/', scheme + 3), target.size());
  const std::size_t authority_end = std::min(target.find_first_of("/?#", begin), target.size());
  const std::size_t at = target.substr(0, authority_end).rfind('@');
  if (at != target.npos && at > begin) blank(rest.subspan(begin, at - begin));
  state_ = State::Path;
  return authority_end > 0 ? authority_end : step(rest);  // "?query" is no target, but must not pass as one
}

/// "name=value"; what has no '=' may be all value.
std::size_t HeadRedactor::parameter(std::span<char> rest) {
  const std::string_view text = text_of(rest);
  const std::size_t end = text.find_first_of("=& \r\n");
  const bool named = end != std::string_view::npos && text[end] == '=';
  state_ = named ? State::Value : State::BlankName;
  if (named) return end + 1;
  const std::size_t blanked = std::min(end, rest.size());
  blank(rest.first(blanked));
  return blanked > 0 ? blanked : step(rest);  // "&&": the rest decides, as of an empty name
}

void HeadRedactor::become(State state) {
  state_ = state;
  if (state == State::Token || state == State::Name || state == State::Version) token_size_ = 0;
}

bool HeadRedactor::name_over() {
  const std::string_view name(token_.data(), std::min<std::size_t>(token_size_, token_.size()));
  state_ = keeps_field_value(name) ? State::PlainValue : State::ValueSpace;
  return true;
}

bool HeadRedactor::give_up() {
  state_ = State::BlankLine;
  return false;
}

bool HeadRedactor::remember(char c) {
  if (token_size_ < token_.size()) token_[token_size_] = lower(c);
  if (token_size_ < UINT8_MAX) ++token_size_;
  return true;
}

}  // namespace suture
