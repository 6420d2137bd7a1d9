// The walk through a Go service: tests/runtime/go_offsets.go calls itself while it answers. The number of the goroutine that
// reads the request must be among those that wait for the call's answer, and must not be where an offset is wrong.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "kernel_test.h"
#include "runtime/runtime_finder.h"

namespace suture::kernel_test {
namespace {

class WalkGo : public KernelTest {
 protected:
  void SetUp() override {
    KernelTest::SetUp();
    if (!probe_ || IsSkipped()) return;
    ASSERT_EQ(::access(GO_OFFSETS, X_OK), 0) << "no Go: see tests/required.txt";
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const Fd says(ends[0]);
    Fd out(ends[1]);
    service_.emplace([&](Inside&) {
      ::dup2(out.get(), STDOUT_FILENO);
      ::execl(GO_OFFSETS, GO_OFFSETS, "serve", static_cast<char*>(nullptr));
    });
    out = Fd();
    events().watch(service_->pid());
    std::string port;
    for (char c = 0; ::read(says.get(), &c, 1) == 1 && c != '\n';) port += c;
    ASSERT_NE(port, "");
    client_.emplace([&port](Inside& inside) {
      sockaddr_in to{};
      to.sin_family = AF_INET;
      to.sin_port = htons(static_cast<std::uint16_t>(std::atoi(port.c_str())));
      to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      const Fd fd(::socket(AF_INET, SOCK_STREAM, 0));
      need(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0, "connect");
      for (;;) {
        inside.step();
        send_all(fd.get(), "GET /call HTTP/1.1\r\nHost: h\r\n\r\n");
        std::string answer;
        while (answer.find("here\n") == answer.npos) answer += receive(fd.get(), 1);
      }
    });
    await_step(*client_);
  }

  /// One request, walked by `how`. Returns whether a name of the call is the name of a request that was received.
  bool finds_who_waits(const runtime& how) {
    EXPECT_TRUE(probe_->set_runtime(static_cast<std::uint32_t>(service_->pid()), &how));
    const std::size_t before = events().witnesses().size();
    client_->go();
    await_step(*client_);
    // What is in the ring now has been drained: the client's read came last.
    drain_until([&] { return probe_->counters().count[COUNT_EMITTED] == events().records(); });
    std::set<std::uint64_t> received, sent;
    for (std::size_t i = before; i < events().witnesses().size(); ++i) {
      const event_witness& witness = events().witnesses()[i];
      const bool serves = witness.point == WITNESS_REQUEST_READ || witness.point == WITNESS_RESPONSE_SENT;
      for (std::size_t name = 0; name < witness.values; ++name) (serves ? received : sent).insert(witness.value[name]);
    }
    return std::any_of(sent.begin(), sent.end(), [&](std::uint64_t name) { return received.contains(name); });
  }

  /// The runtime may be at work on what is read: not every request is found.
  bool finds_some(const runtime& how) { return finds_who_waits(how) || finds_who_waits(how) || finds_who_waits(how); }

  std::optional<Child> service_, client_;
};
FOR_EACH_MECHANISM(WalkGo);

TEST_P(WalkGo, NamesTheGoroutineThatWaitsOnNewAndOnKeptConnections) {
  const std::optional<runtime> found = find_runtime("/proc", static_cast<std::uint32_t>(service_->pid()));
  ASSERT_TRUE(found);
  int times = 0;
  for (int i = 0; i < 10; ++i) times += finds_who_waits(*found);
  EXPECT_GE(times, 8);  // see finds_some()
}

TEST_P(WalkGo, NamesNobodyByAnOffsetThatIsWrong) {
  const std::optional<runtime> found = find_runtime("/proc", static_cast<std::uint32_t>(service_->pid()));
  ASSERT_TRUE(found);
  EXPECT_TRUE(finds_some(*found));
  for (int offset : {GO_GOID, GO_REQCH, GO_CALL_BYTES, GO_CALL_CHANNEL, GO_RECEIVERS, GO_WAITER})
    for (std::uint32_t shift : {16u, static_cast<std::uint32_t>(-16)}) {  // 8 from a queue's first waiter is its last: the same
      runtime wrong = *found;
      wrong.offset[offset] += shift;
      EXPECT_FALSE(finds_who_waits(wrong)) << "offset " << offset << " shifted by " << static_cast<std::int32_t>(shift);
    }
}

TEST_P(WalkGo, LooksNoFurtherWhenTheRuntimeIsForgotten) {
  const std::optional<runtime> found = find_runtime("/proc", static_cast<std::uint32_t>(service_->pid()));
  ASSERT_TRUE(found);
  EXPECT_TRUE(finds_some(*found));
  EXPECT_TRUE(probe_->set_runtime(static_cast<std::uint32_t>(service_->pid()), nullptr));
  const std::size_t before = events().witnesses().size();
  client_->go();
  await_step(*client_);
  for (std::size_t i = before; i < events().witnesses().size(); ++i) EXPECT_EQ(events().witnesses()[i].values, 0u);
}

}  // namespace
}  // namespace suture::kernel_test
