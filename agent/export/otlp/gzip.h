#pragma once
// GzipEncoder: a whole text in gzip form (RFC 1952), with one compressor for all texts.

#include <memory>
#include <string_view>
#include <vector>

struct libdeflate_compressor;

namespace suture {

class GzipEncoder {
 public:
  GzipEncoder();

  /// `text` compressed; empty if there was no memory. Valid until the next call.
  std::string_view compress(std::string_view text);

 private:
  struct Freer {
    void operator()(libdeflate_compressor* compressor) const;
  };
  std::unique_ptr<libdeflate_compressor, Freer> compressor_;
  std::vector<char> out_;
};

}  // namespace suture
