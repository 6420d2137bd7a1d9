#pragma once
// HeadRedactor: blanks what is private in the heads of one direction of a connection, in place and byte for byte, so
// that what is left is framed as before. Kept: methods, paths, the names of query parameters, versions, status lines,
// field names, and the values of fields that carry trace context or framing. Blanked with 'x': query values,
// credentials in targets, all other field values, and every line that is not understood.
//
// A head may be cut at any byte. What cannot be told yet is blanked: a query parameter or an absolute target that is
// cut before it shows what it is loses its name or its host. Otherwise the cut makes no difference, and a secret never
// passes.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace suture {

class HeadRedactor {
 public:
  /// Blanks the next bytes of heads (and trailers); one head may follow another.
  void redact(std::span<char> bytes);

  /// What follows does not continue what was seen: all is blanked until a message is known to begin.
  void lose() { state_ = State::Lost; }
  /// The next byte begins a message, a trailer, or the field lines of a FastCGI response.
  void begin() { state_ = State::Start; }
  /// The next byte begins a target that stands alone, or its query.
  void begin_target() { state_ = State::Target; }
  void begin_query() { state_ = State::Parameter; }

  bool lost() const { return state_ == State::Lost; }
  bool inside_head() const { return state_ != State::Start && state_ != State::Lost; }

 private:
  enum class State : std::uint8_t {
    Lost,
    Start,         // a start line or a trailer begins, or an empty line passes
    Token,         // method, "HTTP/1.1" of a response, or a trailer's name
    Target,        // its first byte
    BlankTarget,   // an absolute target that was cut
    Path,
    Parameter,     // of the query: its first byte
    BlankName,     // a parameter that was cut before '='
    Value,         // of a parameter
    Version,
    Reason,        // of a status line, to the end
    Line,          // a field line begins
    Name,
    NameSpace,     // white space before the colon
    ValueSpace,    // white space after the colon
    PlainValue,
    BlankLine,     // to the end of the line
    EmptyLine,     // after the CR of the line that ends a head
  };

  std::size_t step(std::span<char> rest);
  State first_of_line(std::span<const char> rest) const;
  std::size_t target(std::span<char> rest);
  std::size_t parameter(std::span<char> rest);
  bool keep(char c);
  void become(State state);
  bool name_over();
  bool give_up();
  bool remember(char c);

  State state_ = State::Lost;
  std::uint8_t token_size_ = 0;   // bytes seen of a method, name or version, though token_ holds no more than it can
  std::array<char, 24> token_{};  // in lower case; "transfer-encoding" is the longest that matters
};

/// Whether the value of this field, its name in lower case, stays: trace context, and what frames and routes a message.
bool keeps_field_value(std::string_view lower_case_name);

}  // namespace suture
