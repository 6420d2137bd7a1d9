// The state machine over names and values: see param_redactor.h.
#include "recording/param_redactor.h"

#include <algorithm>

namespace suture {
namespace {

constexpr char kHidden = 'x';

bool stays_in_name(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; }

bool keeps_param(std::string_view name) {
  static constexpr std::string_view kNames[] = {"REQUEST_METHOD", "REQUEST_SCHEME", "HTTPS", "SCRIPT_NAME", "PATH_INFO"};
  if (std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames)) return true;
  char text[fastcgi::kMaxName];
  const std::string_view field = fastcgi::field_name(name, text);
  return !field.empty() && keeps_field_value(field);
}

}  // namespace

void ParamRedactor::redact(std::span<char> bytes) {
  while (!bytes.empty()) bytes = bytes.subspan(step(bytes));
}

/// Passes over at least one byte of `rest`, and returns over how many.
std::size_t ParamRedactor::step(std::span<char> rest) {
  switch (state_) {
    case State::Lost: std::fill(rest.begin(), rest.end(), kHidden); return rest.size();
    case State::NameLength:
      if (length(rest[0], name_left_)) state_ = State::ValueLength;
      return 1;
    case State::ValueLength:
      if (!length(rest[0], value_left_)) return 1;
      state_ = State::Name;
      name_size_ = 0;
      if (name_left_ == 0) name_over();
      return 1;
    case State::Name:
      if (name_size_ < name_.size()) name_[name_size_++] = rest[0];
      else name_size_ = static_cast<std::uint32_t>(name_.size()) + 1;  // too long to be any that is kept
      if (!stays_in_name(rest[0])) rest[0] = kHidden;
      if (--name_left_ == 0) name_over();
      return 1;
    case State::Value: {
      const std::size_t size = std::min<std::size_t>(value_left_, rest.size());
      value(rest.first(size));
      value_left_ -= static_cast<std::uint32_t>(size);
      if (value_left_ == 0) begin();
      return size;
    }
  }
  return rest.size();
}

/// True: with `c` a length is complete.
bool ParamRedactor::length(char c, std::uint32_t& out) {
  partial_[have_++] = c;
  const fastcgi::PairLength found = fastcgi::pair_length({partial_.data(), have_});
  if (found.bytes == 0) return false;
  have_ = 0;
  out = found.value;
  return true;
}

void ParamRedactor::name_over() {
  const std::string_view name(name_.data(), std::min<std::size_t>(name_size_, name_.size()));
  const bool target = name == "REQUEST_URI", query = name == "QUERY_STRING";
  if (target) target_.begin_target();
  if (query) target_.begin_query();
  value_ = target || query                                      ? Value::Target
           : name_size_ <= name_.size() && keeps_param(name) ? Value::Plain
                                                                : Value::Blank;
  state_ = State::Value;
  if (value_left_ == 0) begin();
}

void ParamRedactor::value(std::span<char> part) {
  const std::string_view text(part.data(), part.size());
  if (value_ == Value::Target && text.find_first_of("\r\n") != std::string_view::npos) value_ = Value::Blank;  // no target has one
  if (value_ == Value::Target) target_.redact(part);
  if (value_ == Value::Blank) std::fill(part.begin(), part.end(), kHidden);
}

}  // namespace suture
