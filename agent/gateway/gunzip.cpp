#include "gateway/gunzip.h"

#include <libdeflate.h>

#include <algorithm>

namespace suture {

Gunzip::Gunzip(std::size_t most_bytes) : most_bytes_(most_bytes), decompressor_(libdeflate_alloc_decompressor()) {}

void Gunzip::Freer::operator()(libdeflate_decompressor* decompressor) const { libdeflate_free_decompressor(decompressor); }

Gunzip::Status Gunzip::decompress(std::string_view compressed, std::string& out) {
  // Room grows from what telemetry usually takes; the length in gzip's trailer is only what the sender says.
  constexpr std::size_t kUsualRatio = 8, kLeast = 4096;
  for (std::size_t room = std::clamp(compressed.size() * kUsualRatio, kLeast, std::max(kLeast, most_bytes_));; room = std::min(room * 4, most_bytes_)) {
    out.resize(room);
    std::size_t size = 0;
    const libdeflate_result result =
        libdeflate_gzip_decompress(decompressor_.get(), compressed.data(), compressed.size(), out.data(), out.size(), &size);
    if (result == LIBDEFLATE_INSUFFICIENT_SPACE && room < most_bytes_) continue;
    if (result == LIBDEFLATE_INSUFFICIENT_SPACE) return Status::TooLarge;
    if (result != LIBDEFLATE_SUCCESS) return Status::Garbage;
    out.resize(size);
    return size > most_bytes_ ? Status::TooLarge : Status::Done;
  }
}

}  // namespace suture
