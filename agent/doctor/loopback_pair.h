#pragma once
// LoopbackPair: two small child processes, an HTTP server on the loopback device and a client with one request for it.
// Processes of their own, as the agent ignores itself.

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace suture {

/// Ends with its owner: the children are killed and reaped by the destructor, and die with this process.
class LoopbackPair {
 public:
  /// Forks both; the server listens when this returns. `path`: of the request, no longer than 256 bytes.
  static Result<std::unique_ptr<LoopbackPair>> start(const std::string& path);

  /// Lets the client send its request. Once; does not wait.
  Status send_request();
  /// What became of the request, as the client saw it: nothing yet, "" if it was answered, or what went wrong.
  std::optional<std::string> outcome();

 private:
  /// A forked process and our end of the socket pair that it reports on.
  class Child {
   public:
    ~Child();
    template <typename Body>
    Status run(Body body);
    int channel() const { return channel_.get(); }

   private:
    pid_t pid_ = -1;
    Fd channel_;
  };

  Child server_, client_;
  std::int32_t port_ = 0;
};

}  // namespace suture
