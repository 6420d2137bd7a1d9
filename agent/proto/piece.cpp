#include "proto/piece.h"

namespace suture {

void Piece::take(std::size_t count, PieceClass kind) {
  if (count == 0) return;
  if (segments_ != nullptr) {
    const auto offset = static_cast<std::uint32_t>(size_ - left_.size());
    if (!segments_->empty() && segments_->back().kind == kind) {
      segments_->back().length += static_cast<std::uint32_t>(count);
    } else {
      segments_->push_back({offset, static_cast<std::uint32_t>(count), kind});
    }
  }
  left_.remove_prefix(count);
  pos_ += count;
  start_ = false;
}

}  // namespace suture
