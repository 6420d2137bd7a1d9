#include "base/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/utf8.h"

namespace suture {
namespace {

template <typename T>
void append_number(std::string& out, T value) {
  std::array<char, 32> digits;  // the longest shortest double has 24 characters
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc()) out.append(digits.data(), end);
}

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  constexpr std::string_view kHex = "0123456789abcdef";
  out += "\\u00";
  out.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
  out.push_back(kHex[static_cast<unsigned char>(c) & 0xF]);
}

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

}  // namespace

void JsonWriter::key(std::string_view name) {
  separate();
  quote(name);
  out_.push_back(':');
}

void JsonWriter::text(std::string_view value) {
  separate();
  quote(value);
}

void JsonWriter::integer(std::int64_t value) {
  separate();
  append_number(out_, value);
}

void JsonWriter::quoted_integer(std::int64_t value) {
  separate();
  out_.push_back('"');
  append_number(out_, value);
  out_.push_back('"');
}

void JsonWriter::number(double value) {
  if (std::isnan(value)) return text("NaN");
  if (std::isinf(value)) return text(value < 0 ? "-Infinity" : "Infinity");
  separate();
  append_number(out_, value);
}

void JsonWriter::boolean(bool value) {
  separate();
  out_ += value ? "true" : "false";
}

void JsonWriter::open(char bracket) {
  separate();
  out_.push_back(bracket);
}

/// A comma unless the value is the first of what is open: then an opening character or a colon stands before it.
void JsonWriter::separate() {
  constexpr std::string_view kNoCommaAfter = "{[:";
  if (!out_.empty() && out_.back() != '\n' && kNoCommaAfter.find(out_.back()) == std::string_view::npos)
    out_.push_back(',');
}

void JsonWriter::quote(std::string_view text) {
  out_.push_back('"');
  while (!text.empty()) {
    std::size_t plain = 0;
    while (plain < text.size() && !needs_escape(text[plain])) ++plain;
    append_utf8(out_, text.substr(0, plain));  // no sequence of UTF-8 spans an escaped character, which is ASCII
    if (plain == text.size()) break;
    append_escaped(out_, text[plain]);
    text.remove_prefix(plain + 1);
  }
  out_.push_back('"');
}

}  // namespace suture
