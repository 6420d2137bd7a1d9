#pragma once
// What the self-tests of writing share: sockets of our own over loopback, in a child of ours, and its word on what it saw.

#include <netinet/in.h>

#include <functional>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"
#include "kernel/hook_plan.h"
#include "kernel/probe.h"
#include "kernel/record_sink.h"

namespace suture::self_test {

constexpr int kPatience = 15'000;  // ms that one step of the child may take on a busy host
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

/// Runs `body` in a child whose requests are followed by a probe of their own, which `writes` lets write; `sink` takes its events. Before other
/// threads start. The kernel's counters after it, or what was odd.
Result<KernelCounters> run_traced(HookChoice hooks, void (*body)(), const std::function<Status(Probe&)>& writes, RecordSink& sink);

}  // namespace suture::self_test
