#pragma once
// JsonWriter: JSON text (RFC 8259) appended to a string, member by member; commas come by themselves.

#include <cstdint>
#include <string>
#include <string_view>

namespace suture {

/// The caller opens and closes in order. Text may hold any bytes: what is no UTF-8 becomes U+FFFD.
class JsonWriter {
 public:
  /// Appends to `out`, which must outlive the writer.
  explicit JsonWriter(std::string& out) : out_(out) {}

  void begin_object() { open('{'); }
  void end_object() { out_.push_back('}'); }
  void begin_array() { open('['); }
  void end_array() { out_.push_back(']'); }

  /// The next value belongs to `name`.
  void key(std::string_view name);
  void text(std::string_view value);
  void integer(std::int64_t value);
  /// Protobuf's JSON form of 64-bit integers: decimal digits in quotes, as JavaScript's numbers lose bits.
  void quoted_integer(std::int64_t value);
  /// Shortest digits that read back the same; what is no number is text, as protobuf's JSON form has it.
  void number(double value);
  void boolean(bool value);

 private:
  void open(char bracket);
  void separate();
  void quote(std::string_view text);

  std::string& out_;
};

}  // namespace suture
