#include "kernel/header_self_test.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "base/fd.h"
#include "kernel/probe.h"
#include "kernel/ring_source.h"

namespace suture {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kDeadline{15'000};
constexpr int kPatience = 5'000;            // ms that one step of the child may take
constexpr milliseconds kUntilBlocked{20};   // a thread that calls recv at once is in it by then; if not, the test only tests less
constexpr std::size_t kBulk = 4u << 20;
constexpr std::string_view kRequest = "GET /self-test HTTP/1.1\r\nHost: suture\r\n\r\n";
constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
constexpr std::string_view kField = "traceparent: 00-";
constexpr std::size_t kLine = 70;

// ---- in the child: a word says what was odd, and ends it

struct Odd {
  const char* what;
};

void need(bool fine, const char* what) {
  if (!fine) throw Odd{what};
}

void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    need(sent > 0, "a send failed");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

/// Exactly so many bytes.
std::string receive(int fd, std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t done = 0; done < size;) {
    pollfd ready{fd, POLLIN, 0};
    need(::poll(&ready, 1, kPatience) == 1, "bytes did not arrive");
    const ssize_t got = ::recv(fd, bytes.data() + done, size - done, 0);
    need(got > 0, "a receive failed");
    done += static_cast<std::size_t>(got);
  }
  return bytes;
}

struct Ends {
  Fd client, server;
};

class Listener {
 public:
  Listener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address_);
    auto* const address = reinterpret_cast<sockaddr*>(&address_);
    need(::bind(fd_.get(), address, size) == 0 && ::listen(fd_.get(), 8) == 0 && ::getsockname(fd_.get(), address, &size) == 0, "no loopback device");
  }
  Ends connect() const {
    Ends ends{Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), Fd()};
    need(::connect(ends.client.get(), reinterpret_cast<const sockaddr*>(&address_), sizeof(address_)) == 0, "no connection");
    ends.server = Fd(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    need(ends.server.valid(), "no connection");
    return ends;
  }

 private:
  Fd fd_;
  sockaddr_in address_{};
};

/// The service that is tested, and the one that it asks.
class Stage {
 public:
  Stage() {
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
  static void answer(const Ends& ends) {
    send_all(ends.server.get(), kAnswer);
    need(receive(ends.client.get(), kAnswer.size()) == kAnswer, "an answer was changed");
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

void messages_stay_whole(Stage& stage) {
  std::string body;
  while (body.size() < 20'000) body += kRequest;
  const std::string post = "POST /a HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  Ends ends = stage.asked(post);
  stage.answer(ends);
  send_all(ends.client.get(), post);  // the next one passes as it is
  need(receive(ends.server.get(), post.size()) == post, "a later request was changed");
}

void waiting_bytes_are_counted(Stage& stage) {
  Ends ends = stage.asked();
  send_all(ends.server.get(), std::string(5000, 'a'));
  pollfd ready{ends.client.get(), POLLIN, 0};
  int waiting = 0;
  need(::poll(&ready, 1, kPatience) == 1 && ::ioctl(ends.client.get(), FIONREAD, &waiting) == 0 && waiting == 5000, "FIONREAD is wrong");
}

void a_blocked_receive_ends(Stage& stage, bool reset) {
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

void zero_copies_complete(Stage& stage) {
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

/// Both directions at once, one of them by sendfile.
void streams_flow(Stage& stage) {
  Ends ends = stage.asked();
  std::string bytes(kBulk, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 2654435761u >> 13);
  const Fd file(::memfd_create("suture-self-test", MFD_CLOEXEC));
  need(::write(file.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()), "no memory");
  bool sent = false, back = false;
  std::thread writer([&] {
    off_t at = 0;
    while (at < static_cast<off_t>(kBulk) && ::sendfile(ends.client.get(), file.get(), &at, kBulk - static_cast<std::size_t>(at)) > 0) {
    }
    sent = at == static_cast<off_t>(kBulk);
  });
  std::thread echo([&] {
    try {
      for (std::size_t done = 0; done < kBulk; done += 65'536) send_all(ends.server.get(), receive(ends.server.get(), 65'536));
      back = true;
    } catch (const Odd&) {
    }
  });
  std::string seen;
  const char* odd = nullptr;
  try {
    seen = receive(ends.client.get(), kBulk);
  } catch (const Odd& what) {
    odd = what.what;
    ::shutdown(ends.client.get(), SHUT_RDWR);
    ::shutdown(ends.server.get(), SHUT_RDWR);
  }
  writer.join();
  echo.join();
  need(odd == nullptr, odd);
  need(sent && back && seen == bytes, "a stream was changed");
}

const char* try_all(int go) {
  char byte = 0;
  if (::read(go, &byte, 1) != 1) return "not tried";
  try {
    Stage stage;
    messages_stay_whole(stage);
    waiting_bytes_are_counted(stage);
    a_blocked_receive_ends(stage, true);
    a_blocked_receive_ends(stage, false);
    zero_copies_complete(stage);
    streams_flow(stage);
  } catch (const Odd& odd) {
    return odd.what;
  }
  return "";
}

// ---- in the agent

class NoSink final : public RecordSink {
  void on_record(RecordView) noexcept override {}
};

/// Our child, until it has said its word.
class TestChild {
 public:
  static Result<TestChild> start() {
    int down[2], up[2];
    if (::pipe2(down, O_CLOEXEC) != 0 || ::pipe2(up, O_CLOEXEC) != 0) return Error{std::strerror(errno)};
    TestChild child;
    child.go_ = Fd(down[1]);
    child.word_ = Fd(up[0]);
    const Fd go(down[0]), word(up[1]);
    child.pid_ = ::fork();
    if (child.pid_ < 0) return Error{std::strerror(errno)};
    if (child.pid_ == 0) {
      child.go_.reset();  // so that our end is the agent's end
      const std::string_view said = try_all(go.get());
      const ssize_t told = ::write(word.get(), said.data(), said.size());
      ::_exit(told == static_cast<ssize_t>(said.size()) ? 0 : 1);
    }
    return child;
  }
  TestChild(TestChild&& other) noexcept : pid_(std::exchange(other.pid_, -1)), go_(std::move(other.go_)), word_(std::move(other.word_)) {}
  TestChild& operator=(TestChild&&) = delete;
  ~TestChild() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  pid_t pid() const { return pid_; }
  void go() const { (void)!::write(go_.get(), "g", 1); }
  /// It has spoken, or ended.
  bool spoken(std::string& word) const {
    pollfd ready{word_.get(), POLLIN, 0};
    if (::poll(&ready, 1, 0) != 1) return false;
    char text[128];
    const ssize_t got = ::read(word_.get(), text, sizeof(text));
    word.assign(text, got > 0 ? static_cast<std::size_t>(got) : 0);
    return true;
  }

 private:
  TestChild() = default;
  pid_t pid_ = -1;
  Fd go_, word_;
};

}  // namespace

Status header_self_test(HookChoice hooks, int cgroup) {
  Result<TestChild> child = TestChild::start();  // first, so that it holds nothing of the probe's
  if (!child) return Error{"self-test: " + child.error()};
  Result<Probe> probe = Probe::open(hooks);
  if (!probe) return Error{probe.error()};
  if (const Status follows = probe->follow_traces(trace_settings{}); !follows) return follows;
  if (const Status writes = probe->write_headers(cgroup); !writes) return writes;
  NoSink sink;
  Result<RingSource> ring = RingSource::open(*probe, sink);
  if (!ring) return Error{ring.error()};
  if (probe->start() != static_cast<std::uint32_t>(::getpid())) return Error{"it needs the host's PID namespace (hostPID: true, or --pid=host)"};
  probe->set_traced(static_cast<std::uint32_t>(child->pid()), TRACE_BY_THREAD);
  child->go();
  std::string word;
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  while (!child->spoken(word)) {
    if (std::chrono::steady_clock::now() > deadline) return Error{"self-test: it did not end within 15 s"};
    ring->drain(milliseconds(5));
  }
  probe->stop();
  if (!word.empty()) return Error{"self-test: " + word};
  const KernelCounters counted = probe->counters();
  const auto count = [&](kernel_counter what) { return counted.count[what]; };
  if (count(TRACE_COUNT_WRITTEN) == 0 || count(TRACE_COUNT_REFUSED) != 0 || count(TRACE_COUNT_ENTERED) != count(TRACE_COUNT_LEFT))
    return Error{"self-test: sockets do not leave the sockhash with their first send"};
  return Nothing{};
}

}  // namespace suture
