#pragma once
// Piece: copied bytes of one operation on their way through what reads them.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "proto/segment.h"
#include "proto/session.h"

namespace suture {

/// What is left of them.
class Piece {
 public:
  /// `start`: the kernel took the first byte for the beginning of a message. `segments` may be null.
  Piece(std::uint64_t pos, std::string_view bytes, bool start, bool tail, const Operation& operation,
        std::vector<Segment>* segments)
      : pos_(pos), left_(bytes), size_(bytes.size()), start_(start), tail_(tail), operation_(operation),
        segments_(segments) {}

  std::uint64_t pos() const { return pos_; }
  std::string_view left() const { return left_; }
  bool empty() const { return left_.empty(); }
  bool start() const { return start_; }
  bool untouched_tail() const { return tail_ && left_.size() == size_; }
  const Operation& operation() const { return operation_; }

  void take(std::size_t count, PieceClass kind);
  void refuse_start() { start_ = false; }

 private:
  std::uint64_t pos_;
  std::string_view left_;
  std::size_t size_;
  bool start_;
  bool tail_;
  const Operation& operation_;
  std::vector<Segment>* segments_;
};

}  // namespace suture
