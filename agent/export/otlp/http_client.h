#pragma once
// HttpClient: libcurl, wrapped: POSTs bodies to one URL over a connection that is kept alive. Knows nothing of spans.

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "export/otlp/options.h"
#include "export/stop_time.h"

namespace suture {

/// What came back. Either a status, or the reason why there is none.
struct HttpReply {
  enum class Kind : std::uint8_t {
    Answered,      // status, content_type, retry_after and body are meaningful
    NoConnection,  // nothing, or not all of an answer, came back: `failure` says why
    TooLarge,      // the answer is larger than a client of OTLP may read
    Stopped,       // the stop time came
  };
  Kind kind = Kind::NoConnection;
  long status = 0;
  std::string content_type;
  std::chrono::seconds retry_after{0};  // from a number or a date; 0: the server said nothing
  std::string body;
  std::string failure;
};

class HttpClient {
 public:
  /// Needs a CurlRuntime.
  static Result<std::unique_ptr<HttpClient>> open(const OtlpOptions& options);
  ~HttpClient();

  /// Sends `body` and waits for the answer, at most the options' timeout and not beyond `stop`. One thread.
  HttpReply post(std::string_view body, const StopTime& stop);
  /// From any thread: a running post() looks at its stop time again.
  void wake();

 private:
  struct Handles;
  explicit HttpClient(std::unique_ptr<Handles> handles);

  std::unique_ptr<Handles> handles_;
};

}  // namespace suture
