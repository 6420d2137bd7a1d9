#pragma once
// ReplyHead: the field lines that a FastCGI application's output begins with (RFC 3875 6), in pieces cut anywhere. Allocates
// nothing: of a line no more is kept than a status takes.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace suture::fastcgi {

class ReplyHead {
 public:
  /// Takes what belongs to the head, the blank line included; returns how many bytes that is.
  std::size_t feed(std::string_view bytes);

  bool complete() const { return complete_; }
  /// What the web server answers: the Status field; without one 302 for a Location elsewhere, else 200 (RFC 3875 6.3.3, 6.2.3). 0: it
  /// is not known, as the head was not complete, or the server answers by itself with what is at a local Location (6.2.2).
  std::uint16_t status() const;

 private:
  void end_line();

  std::array<char, 40> line_{};
  std::uint32_t size_ = 0;  // of the line, which may be longer than what is kept
  std::uint16_t status_ = 0;
  bool has_status_ = false, local_ = false, elsewhere_ = false;
  bool complete_ = false;
};

}  // namespace suture::fastcgi
