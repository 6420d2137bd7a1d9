#pragma once
// HttpClient: libcurl, wrapped: POSTs bodies to one URL over a connection that is kept alive. Knows nothing of spans.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "export/otlp/options.h"

namespace suture {

/// What came back. Either a status, or the reason why there is none.
struct HttpReply {
  enum class Kind : std::uint8_t {
    Answered,      // all but `failure` is meaningful
    NoConnection,  // nothing, or not all of an answer, came back: `failure` says why
    TooLarge,      // the answer is larger than a client of OTLP may read
  };
  Kind kind = Kind::NoConnection;
  long status = 0;
  std::string content_type;
  std::chrono::seconds retry_after{0};  // from a number or a date; 0: the server said nothing
  std::string body;
  std::string failure;
  // Of gRPC, from the trailers, or from the headers of an answer that has nothing else; as they were sent.
  std::string grpc_status, grpc_message, grpc_status_details;
};

/// One thread, but for wake().
class HttpClient {
 public:
  /// Needs a CurlRuntime. `options` say how: address, protocol, headers, TLS.
  static Result<std::unique_ptr<HttpClient>> open(const BackendOptions& options);
  ~HttpClient();

  /// Begins to send `body`, which must live until wait() has returned the answer, or cancel(). One at a time.
  void start(std::string_view body);
  bool busy() const;
  /// Moves the request on, for at most `limit` or until wake(). Returns the answer once, when it is there, and at the
  /// latest after the options' timeout.
  std::optional<HttpReply> wait(std::chrono::milliseconds limit);
  /// The answer is not wanted any more.
  void cancel();
  /// From any thread: ends a wait().
  void wake();

  /// Sends `body` and waits for the answer.
  HttpReply post(std::string_view body);

 private:
  struct Handles;
  explicit HttpClient(std::unique_ptr<Handles> handles);

  std::unique_ptr<Handles> handles_;
};

}  // namespace suture
