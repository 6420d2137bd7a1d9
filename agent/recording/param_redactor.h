#pragma once
// ParamRedactor: blanks what is private in the names and values of FastCGI requests, in place and byte for byte, in pieces cut
// anywhere. Kept: lengths, names, the method, the scheme, paths, the names of query parameters, and the values of those fields
// that HeadRedactor keeps. Blanked with 'x': all other values.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "proto/fastcgi/params.h"
#include "recording/head_redactor.h"

namespace suture {

class ParamRedactor {
 public:
  /// Blanks the next bytes of PARAMS.
  void redact(std::span<char> bytes);

  /// What follows does not continue what was seen: all is blanked until a request is known to begin.
  void lose() { state_ = State::Lost; }
  void begin() {
    state_ = State::NameLength;
    have_ = 0;
  }
  bool lost() const { return state_ == State::Lost; }

 private:
  enum class State : std::uint8_t { Lost, NameLength, ValueLength, Name, Value };
  enum class Value : std::uint8_t { Blank, Plain, Target };  // Target: what is left of it goes through target_

  std::size_t step(std::span<char> rest);
  bool length(char c, std::uint32_t& out);
  void name_over();
  void value(std::span<char> part);

  State state_ = State::Lost;
  Value value_ = Value::Blank;
  std::array<char, 4> partial_{};  // of a length
  std::uint8_t have_ = 0;
  std::uint32_t name_left_ = 0, value_left_ = 0, name_size_ = 0;
  std::array<char, fastcgi::kMaxName + 5> name_{};  // "HTTP_" before the longest field
  HeadRedactor target_;
};

}  // namespace suture
