#pragma once
// What the self-tests of writing share: sockets of our own over loopback, in a child of ours, and its word on what it saw.

#include <netinet/in.h>
#include <sys/types.h>

#include <functional>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"

namespace suture::self_test {

constexpr int kPatience = 5'000;  // ms that one step of the child may take
constexpr std::string_view kRequest = "GET /self-test HTTP/1.1\r\nHost: suture\r\n\r\n";
constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

// ---- in the child

/// Thrown: a word says what was odd, and ends it.
struct Odd {
  const char* what;
};
void need(bool fine, const char* what);

void send_all(int fd, std::string_view bytes);
/// Exactly so many bytes.
std::string receive(int fd, std::size_t size);

struct Ends {
  Fd client, server;
};

class Listener {
 public:
  Listener();
  /// Segments of the client are at most so long; 0: as the device takes them.
  Ends connect(int segment_bytes = 0) const;

 private:
  Fd fd_;
  sockaddr_in address_{};
};

/// The server's end answers, and the client's has that.
void answer(const Ends& ends);
/// 4 MiB there and back at once, there by sendfile.
void streams_flow(const Ends& ends);

// ---- in the agent

class TestChild {
 public:
  /// It waits for run(). Before other threads start.
  static Result<TestChild> start(void (*body)());
  TestChild(TestChild&& other) noexcept;
  TestChild& operator=(TestChild&&) = delete;
  ~TestChild();

  pid_t pid() const { return pid_; }
  /// Until it has said its word; `meanwhile` is called again and again. An error says what was odd.
  Status run(const std::function<void()>& meanwhile) const;

 private:
  TestChild() = default;
  bool spoken(std::string& word) const;

  pid_t pid_ = -1;
  Fd go_, word_;
};

}  // namespace suture::self_test
