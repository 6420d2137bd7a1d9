#pragma once
// ConnectionsFile: connections that are not HTTP/1, one JSON object per line.

#include <memory>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "pipeline.h"

namespace suture {

class ConnectionsFile final : public EdgeSink {
 public:
  /// An empty path gives no file and a null pointer.
  static Result<std::unique_ptr<ConnectionsFile>> open(const std::string& path);

  void on_edge(const Edge& edge, const Resource& resource) override;

 private:
  explicit ConnectionsFile(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
  bool failed_ = false;  // said once
};

}  // namespace suture
