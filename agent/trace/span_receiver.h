#pragma once
// SpanReceiver: takes spans one by one. Each stop that spans pass on the capture thread is one, and knows the next as one.

#include "trace/span.h"

namespace suture {

class SpanReceiver {
 public:
  virtual ~SpanReceiver() = default;
  virtual void on_span(Span&& span) = 0;
};

}  // namespace suture
