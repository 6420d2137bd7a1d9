#include "kernel/header_self_test.h"

#include <linux/errqueue.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "kernel/probe.h"
#include "kernel/self_test.h"

namespace suture {
namespace {

using namespace self_test;

constexpr std::chrono::milliseconds kUntilBlocked{20};   // a thread that calls recv at once is in it by then; if not, the test only tests less
constexpr std::string_view kField = "traceparent: 00-";
constexpr std::size_t kLine = 70;

// ---- in the child

/// The service that is tested, and the one that it asks.
class HeaderStage {
 public:
  HeaderStage() {
    Ends first = connected_for_a_request();  // shows that HTTP is spoken there; nothing is inserted yet
    send_all(first.client.get(), kRequest);
    need(receive(first.server.get(), kRequest.size()) == kRequest, "bytes changed where nothing was to be inserted");
    answer(first);
  }
  /// A connection that is opened while the thread works on a request, whose first request has left with a header.
  Ends asked(std::string_view message = kRequest) {
    Ends ends = connected_for_a_request();
    send_all(ends.client.get(), message);
    const std::string seen = receive(ends.server.get(), message.size() + kLine);
    const std::size_t at = message.find("\r\n") + 2;
    need(seen.compare(at, kField.size(), kField) == 0, "no header was inserted");
    need(seen.substr(0, at) + seen.substr(at + kLine) == message, "more than the header was changed");
    return ends;
  }

 private:
  Ends connected_for_a_request() {
    Ends caller = service_.connect();
    send_all(caller.client.get(), kRequest);
    (void)receive(caller.server.get(), kRequest.size());
    callers_ = std::move(caller);
    return backend_.connect();
  }

  Listener service_, backend_;
  Ends callers_;
};

void messages_stay_whole(HeaderStage& stage) {
  std::string body;
  while (body.size() < 20'000) body += kRequest;
  const std::string post = "POST /a HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  Ends ends = stage.asked(post);
  answer(ends);
  send_all(ends.client.get(), post);  // the next one passes as it is
  need(receive(ends.server.get(), post.size()) == post, "a later request was changed");
}

void waiting_bytes_are_counted(HeaderStage& stage) {
  Ends ends = stage.asked();
  send_all(ends.server.get(), std::string(5000, 'a'));
  pollfd ready{ends.client.get(), POLLIN, 0};
  int waiting = 0;
  need(::poll(&ready, 1, kPatience) == 1 && ::ioctl(ends.client.get(), FIONREAD, &waiting) == 0 && waiting == 5000, "FIONREAD is wrong");
}

void a_blocked_receive_ends(HeaderStage& stage, bool reset) {
  Ends ends = stage.asked();
  char byte = 0;
  std::thread other([&] {
    std::this_thread::sleep_for(kUntilBlocked);
    const linger at_once{1, 0};
    if (reset) ::setsockopt(ends.server.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    if (reset) ends.server.reset();
    else ::shutdown(ends.client.get(), SHUT_RD);
  });
  const ssize_t got = ::recv(ends.client.get(), &byte, 1, 0);
  const int error = errno;
  other.join();
  if (reset) need(got == -1 && error == ECONNRESET, "a receive that a reset ends does not say so");
  else need(got == 0, "a receive that shutdown() ends does not say so");
}

void zero_copies_complete(HeaderStage& stage) {
  Ends ends = stage.asked();
  const int on = 1, sends = 20;
  if (::setsockopt(ends.client.get(), SOL_SOCKET, SO_ZEROCOPY, &on, sizeof(on)) != 0) return;  // this kernel has none
  const std::string bytes(16'384, 'z');
  for (int i = 0; i < sends; ++i) {
    need(::send(ends.client.get(), bytes.data(), bytes.size(), MSG_ZEROCOPY) == static_cast<ssize_t>(bytes.size()), "a MSG_ZEROCOPY send failed");
    need(receive(ends.server.get(), bytes.size()) == bytes, "bytes sent by MSG_ZEROCOPY were changed");
  }
  std::uint32_t completed = 0;
  while (completed < static_cast<std::uint32_t>(sends)) {
    pollfd ready{ends.client.get(), 0, 0};
    need(::poll(&ready, 1, kPatience) == 1, "MSG_ZEROCOPY sends do not complete");
    char control[256];
    msghdr message{};
    message.msg_control = control;
    message.msg_controllen = sizeof(control);
    need(::recvmsg(ends.client.get(), &message, MSG_ERRQUEUE) >= 0, "MSG_ZEROCOPY sends do not complete");
    for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
      sock_extended_err error{};
      std::memcpy(&error, CMSG_DATA(c), sizeof(error));
      if (error.ee_origin == SO_EE_ORIGIN_ZEROCOPY) completed += error.ee_data - error.ee_info + 1;
    }
  }
  need(completed == static_cast<std::uint32_t>(sends), "MSG_ZEROCOPY sends complete more than once");
}

void try_headers() {
  HeaderStage stage;
  messages_stay_whole(stage);
  waiting_bytes_are_counted(stage);
  a_blocked_receive_ends(stage, true);
  a_blocked_receive_ends(stage, false);
  zero_copies_complete(stage);
  streams_flow(stage.asked());
}

// ---- in the agent

class NoSink final : public RecordSink {
  void on_record(RecordView) noexcept override {}
};

}  // namespace

Status header_self_test(HookChoice hooks, int cgroup) {
  NoSink sink;
  Result<KernelCounters> counted = run_traced(hooks, try_headers, [cgroup](Probe& probe) { return probe.write_headers(cgroup); }, sink);
  if (!counted) return Error{counted.error()};
  const auto count = [&](kernel_counter what) { return counted->count[what]; };
  if (count(TRACE_COUNT_WRITTEN) == 0 || count(TRACE_COUNT_REFUSED) != 0 || count(TRACE_COUNT_ENTERED) != count(TRACE_COUNT_LEFT))
    return Error{"self-test: sockets do not leave the sockhash with their first send"};
  return Nothing{};
}

}  // namespace suture
