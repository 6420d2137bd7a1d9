#pragma once
// CurlRuntime: libcurl and its TLS library, initialised once and only where spans are sent (they cost some MiB).

#include "base/result.h"

namespace suture {

/// Made by main before any thread, if an OTLP endpoint is set; must outlive every BackendSink.
class CurlRuntime {
 public:
  static Result<CurlRuntime> start();
  CurlRuntime(CurlRuntime&& other) noexcept : started_(std::exchange(other.started_, false)) {}
  CurlRuntime& operator=(CurlRuntime&&) = delete;
  ~CurlRuntime();

 private:
  CurlRuntime() = default;
  bool started_ = true;
};

}  // namespace suture
