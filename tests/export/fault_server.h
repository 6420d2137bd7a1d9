#pragma once
// FaultServer: a server of HTTP/1.1 and HTTP/2 (without TLS) on loopback that answers as a test tells it to: well, late,
// wrongly or not at all.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/fd.h"

namespace suture::test {

/// What to do with one request.
struct Step {
  enum class Do : std::uint8_t { Answer, Hang, Close, Reset } what = Do::Answer;
  std::string answer;  // the bytes
};

/// An answer with a body of the given type.
Step answer(const std::string& status, const std::string& headers = {}, const std::string& body = {});
inline constexpr const char* kProtobufType = "Content-Type: application/x-protobuf\r\n";  // one of its headers
Step hang();   // says nothing until the client goes
Step close();  // closes the connection without an answer
Step reset();  // the same by RST
/// Answers of gRPC, for requests by HTTP/2. Each header is shorter than 127 bytes.
Step grpc_answer(const std::string& message, const std::vector<std::pair<std::string, std::string>>& trailers);
/// Headers alone, whatever they are.
Step http2_answer(const std::vector<std::pair<std::string, std::string>>& headers);

struct ReceivedRequest {
  std::string head;
  std::string body;
  std::uint32_t stream = 0;  // of HTTP/2
};

/// One thread, one connection at a time. Requests take the steps in turn; the last step serves all that follow.
class FaultServer {
 public:
  explicit FaultServer(std::vector<Step> steps);
  ~FaultServer();

  /// Until then, connections to url() are refused.
  void start();
  /// From the start on, takes a few hundred bytes at a time, and keeps the client's window small.
  void read_slowly() { chunk_ = 512; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/v1/traces"; }
  std::vector<ReceivedRequest> requests() const;
  std::size_t request_count() const { return requests().size(); }

 private:
  void run();
  void serve(int connection);
  bool readable(int fd) const;
  bool read_request(int connection, std::string& buffer, ReceivedRequest& out) const;
  bool receive(int connection, std::string& buffer) const;

  Fd listener_;
  Fd stop_;  // eventfd: readable when it is time to end
  std::uint16_t port_ = 0;
  std::size_t chunk_ = 65536;
  mutable std::mutex mutex_;
  std::deque<Step> steps_;                 // the server's thread only
  std::vector<ReceivedRequest> requests_;  // under mutex_
  std::thread thread_;
};

}  // namespace suture::test
