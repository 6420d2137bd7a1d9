#include "export/otlp/backoff.h"

#include <algorithm>

namespace suture {

std::chrono::milliseconds Backoff::next() {
  const auto step = next_;
  next_ = std::min(next_ * 2, longest_);
  std::uniform_int_distribution<std::int64_t> wait(step.count() / 2, step.count());
  return std::chrono::milliseconds(wait(random_));
}

}  // namespace suture
