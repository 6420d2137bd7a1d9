#pragma once
// Stream: one direction of a connection as a line of bytes. Turns the 32-bit sequence numbers of TCP into positions that
// do not wrap, counted from the handshake, so that both ends give a byte the same position.

#include <cstdint>

namespace suture {

class Stream {
 public:
  Stream() = default;
  /// `first_seq`: sequence number of the first payload byte (the SYN's own, plus one).
  explicit Stream(std::uint32_t first_seq) : first_seq_(first_seq) {}

  /// The position of the byte with this sequence number: the one nearest to the last asked for. TCP keeps what is under
  /// way within 1 GiB (RFC 7323 2.3), so between two operations of a connection nearest is unambiguous, as long as less
  /// than 2 GiB passed unseen between them; more than that is caught by remember().
  std::uint64_t position(std::uint32_t seq) {
    const std::uint32_t low = seq - first_seq_;
    const std::int32_t step = static_cast<std::int32_t>(low - static_cast<std::uint32_t>(last_));
    const std::int64_t at = static_cast<std::int64_t>(last_) + step;
    last_ = at < 0 ? low : static_cast<std::uint64_t>(at);
    return last_;
  }

  /// The direction is known to have moved `bytes` in all (a counter of the kernel that does not wrap).
  void remember(std::uint64_t bytes) {
    if (bytes > last_ && bytes < kMax) last_ = bytes;
  }

 private:
  /// No stream gets this far: a counter beyond is nonsense, and the sums below it cannot overflow.
  static constexpr std::uint64_t kMax = std::uint64_t{1} << 62;

  std::uint32_t first_seq_ = 0;
  std::uint64_t last_ = 0;
};

}  // namespace suture
