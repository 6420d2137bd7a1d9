#include "export/otlp/gzip.h"

#include <libdeflate.h>

namespace suture {
namespace {

constexpr int kLevel = 1;  // half the time of zlib's level 1 for the same size (docs/decisions.md)

}  // namespace

void GzipEncoder::Freer::operator()(libdeflate_compressor* compressor) const { libdeflate_free_compressor(compressor); }

GzipEncoder::GzipEncoder() : compressor_(libdeflate_alloc_compressor(kLevel)) {}

std::string_view GzipEncoder::compress(std::string_view text) {
  if (!compressor_) return {};
  const std::size_t bound = libdeflate_gzip_compress_bound(compressor_.get(), text.size());
  if (out_.size() < bound) out_.resize(bound);
  const std::size_t size = libdeflate_gzip_compress(compressor_.get(), text.data(), text.size(), out_.data(), out_.size());
  return {out_.data(), size};
}

}  // namespace suture
