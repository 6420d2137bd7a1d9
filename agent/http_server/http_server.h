#pragma once
// HttpServer: HTTP/1 that the agent itself serves, by libmicrohttpd: one listening address, one thread for all connections.
// Whoever is slow, wrong or greedy costs only their own connection.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace suture {

class HttpServer {
 public:
  struct Request {
    std::string_view method, path;  // the path without its query, decoded
    std::vector<std::pair<std::string_view, std::string_view>> headers;
    std::string body;               // whole, without chunking; compression is not undone
    std::uint16_t peer_port = 0;

    /// The value of the first header of this name, in any case of letters; "" if there is none.
    std::string_view header(std::string_view name) const;
  };
  struct Response {
    unsigned status = 200;
    std::string content_type = {};  // "": the header is left out
    std::string body = {};
    std::vector<std::pair<std::string, std::string>> headers = {};
  };
  /// On the server's thread, for one request at a time: must not block. The request's views die with the call.
  using Handler = std::function<Response(Request&& request)>;

  struct Limits {
    std::size_t connections = 256;
    std::size_t head_bytes = 32 * 1024;           // of a connection: its line and headers, and what is being read
    std::size_t body_bytes = 16 * 1024 * 1024;    // of one request; beyond it the answer is 413
    std::size_t bodies_bytes = 64 * 1024 * 1024;  // of all requests that are being read; beyond it the answer is 503
    std::chrono::seconds idle{75};                // a connection on which nothing moves is closed
    std::chrono::seconds request{30};             // a body that takes longer ends its connection
  };

  /// Listens at `address` ("ADDRESS:PORT"; `source` is the option that says so). Fails in words if that cannot be.
  static Result<std::unique_ptr<HttpServer>> listen(std::string_view source, std::string_view address, Limits limits, Handler handler);
  /// Ends all connections, and waits for the call of the handler that is running.
  ~HttpServer();

  /// Where it listens: of use where any port was asked for.
  std::uint16_t port() const;

 private:
  struct State;
  explicit HttpServer(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace suture
