#pragma once
// Gunzip: undoes gzip (RFC 1952) up to a limit, so that a small upload cannot become a large one.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct libdeflate_decompressor;

namespace suture {

/// One thread.
class Gunzip {
 public:
  enum class Status : std::uint8_t { Done, Garbage, TooLarge };

  explicit Gunzip(std::size_t most_bytes);

  Status decompress(std::string_view compressed, std::string& out);

 private:
  struct Freer {
    void operator()(libdeflate_decompressor* decompressor) const;
  };
  const std::size_t most_bytes_;
  std::unique_ptr<libdeflate_decompressor, Freer> decompressor_;
};

}  // namespace suture
