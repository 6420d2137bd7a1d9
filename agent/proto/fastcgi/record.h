#pragma once
// RecordReader: one direction of a connection as FastCGI records (FastCGI 1.0, 3.3), in pieces cut anywhere. It allocates
// nothing and takes no byte twice.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace suture::fastcgi {

enum class RecordType : std::uint8_t { BeginRequest = 1, AbortRequest = 2, EndRequest = 3, Params = 4, Stdin = 5, Stdout = 6, Stderr = 7 };

struct RecordHeader {
  RecordType type{};
  std::uint16_t id = 0;       // of the request; 0: of none
  std::uint16_t content = 0;  // bytes
  std::uint8_t padding = 0;   // bytes after the content
};

inline constexpr std::size_t kHeaderBytes = 8;
inline constexpr std::size_t kBodyBytes = 8;  // content of BEGIN_REQUEST and of END_REQUEST

/// Nothing: the version is none that we know.
std::optional<RecordHeader> parse_header(const std::array<char, kHeaderBytes>& bytes);

/// Whether what a connection begins with can be a record. HTTP begins with no such byte.
inline bool begins_like(std::string_view bytes) { return !bytes.empty() && bytes[0] == 1; }

class RecordReader {
 public:
  enum class What : std::uint8_t {
    More,     // part of a header
    Header,   // the rest of one: header() is the new record's
    Content,  // of that record
    Padding,
    Bad,      // no record; nothing was taken
  };
  struct Step {
    What what = What::More;
    std::size_t taken = 0;
  };

  /// One step into `bytes`, which are not empty.
  Step step(std::string_view bytes);

  /// The next byte begins a record.
  void restart() { *this = RecordReader(); }
  /// `count` bytes were not seen. The bytes of content among them; nothing: they held a header, and where the next one is
  /// nobody knows.
  std::optional<std::uint64_t> skip(std::uint64_t count);

  const RecordHeader& header() const { return header_; }
  std::size_t content_left() const { return content_left_; }

 private:
  RecordHeader header_;
  std::array<char, kHeaderBytes> partial_{};
  std::uint8_t have_ = 0;  // bytes of partial_
  std::uint32_t content_left_ = 0, padding_left_ = 0;
};

}  // namespace suture::fastcgi
