#include "kernel/self_test.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>
#include <utility>

#include "kernel/ring_source.h"

namespace suture::self_test {
namespace {

constexpr std::chrono::seconds kDeadline{45};
constexpr std::size_t kBulk = 4u << 20;
constexpr std::uint32_t kRingBytes = 16u << 20;  // all requests of the host go through it

/// What the child says at its end: nothing, if all was as it should be.
const char* try_all(int go, void (*body)()) {
  char byte = 0;
  if (::read(go, &byte, 1) != 1) return "not tried";
  try {
    body();
  } catch (const Odd& odd) {
    return odd.what;
  }
  return "";
}

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

Result<TestChild> TestChild::start(void (*body)()) {
  int down[2], up[2];
  if (::pipe2(down, O_CLOEXEC) != 0 || ::pipe2(up, O_CLOEXEC) != 0) return Error{std::string("self-test: ") + std::strerror(errno)};
  TestChild child;
  child.go_ = Fd(down[1]);
  child.word_ = Fd(up[0]);
  const Fd go(down[0]), word(up[1]);
  child.pid_ = ::fork();
  if (child.pid_ < 0) return Error{std::string("self-test: ") + std::strerror(errno)};
  if (child.pid_ == 0) {
    child.go_.reset();  // so that our end is the agent's end
    const std::string_view said = try_all(go.get(), body);
    const ssize_t told = ::write(word.get(), said.data(), said.size());
    ::_exit(told == static_cast<ssize_t>(said.size()) ? 0 : 1);
  }
  return child;
}

TestChild::TestChild(TestChild&& other) noexcept : pid_(std::exchange(other.pid_, -1)), go_(std::move(other.go_)), word_(std::move(other.word_)) {}

TestChild::~TestChild() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

/// It has spoken, or ended.
bool TestChild::spoken(std::string& word) const {
  pollfd ready{word_.get(), POLLIN, 0};
  if (::poll(&ready, 1, 0) != 1) return false;
  char text[128];
  const ssize_t got = ::read(word_.get(), text, sizeof(text));
  word.assign(text, got > 0 ? static_cast<std::size_t>(got) : 0);
  return true;
}

Status TestChild::run(const std::function<void()>& meanwhile) const {
  (void)!::write(go_.get(), "g", 1);
  std::string word;
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  while (!spoken(word)) {
    if (std::chrono::steady_clock::now() > deadline) return Error{"self-test: it did not end within 45 s"};
    meanwhile();
  }
  meanwhile();  // what came with its last word
  if (!word.empty()) return Error{"self-test: " + word};
  return Nothing{};
}

}  // namespace

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

Listener::Listener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  address_.sin_family = AF_INET;
  address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address_);
  auto* const address = reinterpret_cast<sockaddr*>(&address_);
  need(::bind(fd_.get(), address, size) == 0 && ::listen(fd_.get(), 8) == 0 && ::getsockname(fd_.get(), address, &size) == 0, "no loopback device");
}

Ends Listener::connect(int segment_bytes) const {
  Ends ends{Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), Fd()};
  if (segment_bytes) ::setsockopt(ends.client.get(), IPPROTO_TCP, TCP_MAXSEG, &segment_bytes, sizeof(segment_bytes));
  need(::connect(ends.client.get(), reinterpret_cast<const sockaddr*>(&address_), sizeof(address_)) == 0, "no connection");
  ends.server = Fd(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  need(ends.server.valid(), "no connection");
  return ends;
}

void answer(const Ends& ends) {
  send_all(ends.server.get(), kAnswer);
  need(receive(ends.client.get(), kAnswer.size()) == kAnswer, "an answer was changed");
}

void streams_flow(const Ends& ends) {
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

Result<KernelCounters> run_traced(HookChoice hooks, void (*body)(), const std::function<Status(Probe&)>& writes, RecordSink& sink) {
  Result<TestChild> child = TestChild::start(body);  // first, so that it holds nothing of the probe's
  if (!child) return Error{child.error()};
  Result<Probe> probe = Probe::open(hooks, {.ring_bytes = kRingBytes});
  if (!probe) return Error{probe.error()};
  if (const Status follows = probe->follow_traces(trace_settings{}); !follows) return Error{follows.error()};
  if (const Status prepared = writes(*probe); !prepared) return Error{prepared.error()};
  Result<RingSource> ring = RingSource::open(*probe, sink);
  if (!ring) return Error{ring.error()};
  if (probe->start() != static_cast<std::uint32_t>(::getpid())) return Error{"it needs the host's PID namespace (hostPID: true, or --pid=host)"};
  probe->set_traced(static_cast<std::uint32_t>(child->pid()), TRACE_BY_THREAD);
  if (const Status done = child->run([&] { ring->drain(std::chrono::milliseconds(5)); }); !done) return Error{done.error()};
  probe->stop();
  return probe->counters();
}

}  // namespace suture::self_test
