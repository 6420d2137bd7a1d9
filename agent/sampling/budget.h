#pragma once
// Budget: how many spans and bytes may leave in a second, whatever anybody asked for. A trace is let through or refused when its
// first span comes; as what belongs to it may overdraw the budget by at most one second's worth, it is seldom cut.

#include <cstddef>
#include <cstdint>

#include "trace/span.h"

namespace suture {

/// What the span takes in an OTLP request before compression, nearly: resources are shared and do not count.
std::size_t otlp_bytes(const Span& span);

class Budget {
 public:
  struct Limits {
    double spans_per_second = 50'000;  // more than twice what one agent captures on a busy host; 0: no limit
    double bytes_per_second = 0;       // 0: no limit
  };

  explicit Budget(const Limits& limits) : spans_(limits.spans_per_second), bytes_(limits.bytes_per_second) {}

  /// Time passes. After a pause one second's worth is there.
  void tick(std::uint64_t now_ns);

  /// Whether a trace of which nothing has left may begin, with this much; if so, it is taken.
  bool may_begin(std::size_t spans, std::size_t bytes);
  /// Whether one that has begun may go on.
  bool may_go_on(std::size_t spans, std::size_t bytes);

  bool counts_bytes() const { return bytes_.rate > 0; }
  /// Less than half is left: traces may soon be refused.
  bool is_short() const { return spans_.below(spans_.rate / 2) || bytes_.below(bytes_.rate / 2); }
  bool is_full() const { return !spans_.below(spans_.rate) && !bytes_.below(bytes_.rate); }

 private:
  struct Bucket {
    explicit Bucket(double per_second) : rate(per_second), left(per_second) {}
    bool below(double level) const { return rate > 0 && left < level; }

    double rate;  // a second, and the most that is saved up; 0: no limit
    double left;
  };

  bool take_above(double seconds, std::size_t spans, std::size_t bytes);

  Bucket spans_, bytes_;
  std::uint64_t last_ns_ = 0;
};

}  // namespace suture
