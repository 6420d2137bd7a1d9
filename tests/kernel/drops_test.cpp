// Every reason for which an event does not leave the kernel is forced once. KernelTest checks the ledger after each.
#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <net/if.h>

#include <cstring>
#include <thread>

#include "kernel_test.h"
#include "ring.h"
#include "wire/limits.h"

namespace suture::kernel_test {
namespace {

class Drops : public KernelTest {};
FOR_EACH_MECHANISM(Drops);

void turn(Talk& talk) {
  pass(talk.client.get(), talk.server.get(), request_head(1000));
  pass(talk.server.get(), talk.client.get(), response_head(1000));
}

TEST_P(Drops, RingFullWhenNobodyDrains) {
  Child child([](Inside&) {
    Talk talk;
    for (int i = 0; i < 1000; ++i) turn(talk);
  });
  events().watch(child.pid());
  while (!child.ended()) {}
  EXPECT_EQ(child.status(), 0);
  EXPECT_GT(count(DROP_RING_FULL), 1000u);
  // Woken once when it was a quarter full, perhaps by two CPUs at a time, and not again before a drain.
  EXPECT_GE(count(COUNT_WAKEUPS), 1u);
  EXPECT_LE(count(COUNT_WAKEUPS), std::thread::hardware_concurrency());
}

TEST_P(Drops, AnEventAfterALossSaysSo) {
  Child child([](Inside& inside) {
    Talk talk;
    for (int i = 0; i < 1000; ++i) turn(talk);
    inside.step();
    turn(talk);
  });
  while (!child.at_step() && !child.ended()) {}
  await_step(child);
  EXPECT_GT(count(DROP_RING_FULL), 0u);
  while (ring_->drain(std::chrono::milliseconds(0)).events != 0) {}
  child.go();
  finish(child);
  EXPECT_GT(events().after_loss(), 0u);
}

// The wait is far longer than the test: only the wake-up ends it.
TEST_P(Drops, AQuarterOfTheRingWakesTheConsumer) {
  Child child([](Inside& inside) {
    inside.step();
    Talk talk;
    for (int i = 0; i < 200; ++i) turn(talk);
    inside.step();
  });
  await_step(child);
  while (ring_->drain(std::chrono::milliseconds(0)).events != 0) {}
  child.go();
  std::size_t most = 0;
  while (most < SUTURE_RING_BYTES / 2 / 2048) most = std::max(most, ring_->drain(std::chrono::seconds(100)).events);
  EXPECT_GE(count(COUNT_WAKEUPS), 1u);
  await_step(child);
  child.go();
  finish(child);
}

// Connections that live in the socket draw on the socket's own memory, which a network namespace can limit.
class SocketDrops : public KernelTest {};
INSTANTIATE_TEST_SUITE_P(, SocketDrops, ::testing::Values(HookChoice::SendmsgLocked, HookChoice::SockLength), mechanism_name);

TEST_P(SocketDrops, StorageFailedForWantOfSocketMemory) {
  run([](Inside&) {
    need(::unshare(CLONE_NEWNET) == 0, "unshare");
    const Fd any(::socket(AF_INET, SOCK_DGRAM, 0));
    ifreq loopback{};
    std::strcpy(loopback.ifr_name, "lo");
    loopback.ifr_flags = IFF_UP | IFF_RUNNING;
    need(::ioctl(any.get(), SIOCSIFFLAGS, &loopback) == 0, "lo up");
    const Fd limit(::open("/proc/sys/net/core/optmem_max", O_WRONLY));
    need(::write(limit.get(), "64", 2) == 2, "optmem_max");
    Talk talk;
    turn(talk);
  });
  EXPECT_EQ(events().data_events(), 0u);
  EXPECT_GE(count(DROP_STORAGE_FAILED), 2u);
}

class Storage : public KernelTest {
 protected:
  bool attaches_at_once() const override { return false; }
};
INSTANTIATE_TEST_SUITE_P(, Storage, ::testing::Values(HookChoice::SysExit), mechanism_name);

TEST_P(Storage, FailsBeyondTheLimitOfConnections) {
  attach({.connections = 4});
  run([](Inside&) {
    std::vector<Talk> talks(8);
    for (Talk& talk : talks) turn(talk);
  });
  EXPECT_GE(count(DROP_STORAGE_FAILED), 12u);
  EXPECT_LE(events().ends().size(), 4u);
}

/// A memory file's pages, with `bytes` in them, that this process has never touched.
char* cold_pages(const std::string& bytes) {
  const Fd file(::memfd_create("cold", MFD_CLOEXEC));
  send_all(file.get(), bytes);
  void* at = ::mmap(nullptr, bytes.size(), PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  need(at != MAP_FAILED, "mmap");
  return static_cast<char*>(at);
}

TEST_P(Drops, ColdPagesAreReadAfterTheCall) {
  const std::string head = request_head(9000);
  run([&](Inside&) {
    Talk talk;
    const char* whole = cold_pages(head);
    need(::write(talk.client.get(), whole, 9000) == 9000, "write");
    receive(talk.server.get(), 9000);
    pass(talk.server.get(), talk.client.get(), response_head(80));
    // the first page is there, the others are not
    const char* rest = cold_pages(head);
    need(rest[0] == 'G' && ::madvise(const_cast<char*>(rest) + 4096, 8192, MADV_DONTNEED) == 0, "touch");
    need(::write(talk.client.get(), rest, 9000) == 9000, "write");
    receive(talk.server.get(), 9000);
    pass(talk.server.get(), talk.client.get(), response_head(80));
  });
  expect_exchange(events(), {{head, ""}, {head, ""}}, {{response_head(80), ""}, {response_head(80), ""}});
  if (reads_at_entry()) EXPECT_GE(count(COUNT_COLD), 1u);
  else EXPECT_EQ(count(COUNT_COLD), 0u);
}

// A send that waits for room while another thread takes its head's page away.
TEST_P(Drops, NotReadableWhenThePageIsGoneAfterTheCall) {
  const std::string text = response_head(100) + std::string(8 << 20, 'z');
  run([&](Inside&) {
    Talk talk;
    pass(talk.client.get(), talk.server.get(), request_head(80));
    char* bytes = cold_pages(text);
    std::thread thief([&] {
      char byte;
      need(::recv(talk.client.get(), &byte, 1, MSG_PEEK) == 1, "peek");  // the head has left
      need(::mprotect(bytes, 4096, PROT_NONE) == 0, "mprotect");
      receive(talk.client.get(), text.size());
    });
    need(::write(talk.server.get(), bytes, text.size()) == static_cast<ssize_t>(text.size()), "write");
    thief.join();
  });
  EXPECT_EQ(count(DROP_NOT_READABLE), 1u);
}

TEST_P(Drops, IoUringIsCountedWhereItCannotBeRead) {
  run([](Inside&) {
    Talk talk;
    Ring ring;
    std::string request = request_head(80), buffer(200, '\0');
    need(ring.send(talk.client.get(), request) == 80, "send");
    need(ring.receive(talk.server.get(), buffer) == 80, "receive");
  });
  // Sends are read at entry by the iterator; receives, and sends seen at their end, are not.
  EXPECT_EQ(count(DROP_IO_URING), reads_at_entry() ? 1u : 2u);
  EXPECT_EQ(events().data_events(), reads_at_entry() ? 1u : 0u);
}

/// A 32-bit system call of this 64-bit process; buffers must lie below 4 GiB.
long call32(long number, long a, const void* b, long c) {
  long result;
  asm volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory", "r8", "r9", "r10", "r11");
  return result;
}

TEST_P(Drops, ThirtyTwoBitCalls) {
  run([](Inside&) {
    Talk talk;
    void* low = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    need(low != MAP_FAILED, "mmap");
    std::memcpy(low, request_head(80).data(), 80);
    need(call32(4, talk.client.get(), low, 80) == 80, "write by int 0x80");
    need(call32(3, talk.server.get(), low, 4096) == 80, "read by int 0x80");
    std::memcpy(low, response_head(80).data(), 80);
    auto* arguments = reinterpret_cast<std::uint32_t*>(static_cast<char*>(low) + 2048);
    const auto socketcall = [&](long call, int fd) {
      const std::uint32_t all[4] = {static_cast<std::uint32_t>(fd), static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(low)), 80, 0};
      std::memcpy(arguments, all, sizeof(all));
      return call32(102, call, arguments, 0);
    };
    need(socketcall(9, talk.server.get()) == 80, "send by socketcall");
    need(socketcall(10, talk.client.get()) == 80, "recv by socketcall");
  });
  EXPECT_EQ(count(DROP_32_BIT), reads_at_entry() ? 2u : 4u);
  EXPECT_EQ(events().data_events(), reads_at_entry() ? 2u : 0u);
}

TEST_P(Drops, CallKindWhereOneCallMovesSeveralMessages) {
  run([](Inside&) {
    Talk talk;
    std::string heads[9];
    iovec parts[9];
    mmsghdr messages[9]{};
    for (int i = 0; i < 9; ++i) {
      heads[i] = request_head(80);
      parts[i] = {heads[i].data(), 80};
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    need(::sendmmsg(talk.client.get(), messages, 9, 0) == 9, "sendmmsg");
    receive(talk.server.get(), 720);
  });
  // At entry each message is read by its own iterator; sys-exit reads up to eight of a call.
  if (reads_at_entry()) EXPECT_EQ(count(DROP_CALL_KIND), 0u);
  else EXPECT_GE(count(DROP_CALL_KIND), 1u);
}

// Unseen after sixteen plain requests, before that after a look; with a body or without, in one call or in several.
TEST_P(Drops, ShedExchangesLeaveNothingButTheirNumber) {
  const std::string post = "POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n", answer = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n";
  const auto exchange = [&](Talk& talk, bool body) {
    pass(talk.client.get(), talk.server.get(), body ? post : request_head(80));
    if (body) pass(talk.client.get(), talk.server.get(), "body");
    pass(talk.server.get(), talk.client.get(), answer);
    pass(talk.server.get(), talk.client.get(), "body");
  };
  for (const int plain : {0, 1, 20}) {
    for (const bool body : {false, true}) {
      SCOPED_TRACE(plain + 100 * body);
      events().clear();
      const std::uint64_t before = count(DROP_SHED);
      Child child([&](Inside& inside) {
        inside.step();
        Talk talk;
        for (int i = 0; i < plain; ++i) exchange(talk, body);
        inside.step();
        for (int i = 0; i < 3; ++i) exchange(talk, body);
        inside.step();
        exchange(talk, body);
      });
      events().watch(child.pid());
      await_step(child);
      child.go();
      await_step(child);
      shed(true);
      child.go();
      await_step(child);
      shed(false);
      child.go();
      finish(child);
      EXPECT_GE(count(DROP_SHED) - before, 2u * 3u);
      const auto message = static_cast<std::uint32_t>((body ? post.size() + 4 : 80));
      const auto reply = static_cast<std::uint32_t>(answer.size() + 4);
      for (connection_role role : {ROLE_CLIENT, ROLE_SERVER}) {
        const End* end = events().end_of(role);
        ASSERT_NE(end, nullptr);
        ASSERT_EQ(end->data.size(), static_cast<std::size_t>(2 * plain + 2));
        const Data& back = end->data[end->data.size() - 2];
        const std::uint8_t asks = role == ROLE_CLIENT ? DIRECTION_SEND : DIRECTION_RECEIVE;
        const event_connection& names = end->reports[0];
        const std::uint32_t first = 1 + (asks == DIRECTION_SEND ? names.isn_own : names.isn_peer);
        const std::uint32_t answers = 1 + (asks == DIRECTION_SEND ? names.isn_peer : names.isn_own);
        EXPECT_TRUE(back.flags & DATA_AFTER_SHED);
        EXPECT_EQ(back.seq - first, static_cast<std::uint32_t>(plain + 3) * message);
        EXPECT_EQ(back.answers_seq - answers, static_cast<std::uint32_t>(plain + 3) * reply);
        EXPECT_EQ(back.end_seq[asks] - first, static_cast<std::uint32_t>(plain) * message);
        EXPECT_EQ(back.end_seq[!asks] - answers, static_cast<std::uint32_t>(plain) * reply);
        if (plain) {
          EXPECT_GE(back.last_ns[!asks], end->data[end->data.size() - 3].time_ns);
        }
        EXPECT_FALSE(end->data.back().flags & DATA_AFTER_SHED);
      }
    }
  }
}

// Once a request came without waiting for an answer that nobody saw, no later answer can be told from that one.
TEST_P(Drops, NothingIsReportedAfterRequestsThatDidNotWaitWereShed) {
  Child child([&](Inside& inside) {
    Talk talk;
    for (int i = 0; i < 20; ++i) turn(talk);
    inside.step();
    pass(talk.client.get(), talk.server.get(), request_head(80));
    pass(talk.client.get(), talk.server.get(), request_head(80));
    pass(talk.server.get(), talk.client.get(), response_head(80));
    inside.step();
    for (int i = 0; i < 3; ++i) turn(talk);
  });
  events().watch(child.pid());
  await_step(child);
  ASSERT_TRUE(drain_until([&] { return events().records() == count(COUNT_EMITTED); }));
  const std::size_t before = events().data_events();
  shed(true);
  child.go();
  await_step(child);
  shed(false);
  child.go();
  finish(child);
  EXPECT_EQ(events().data_events(), before);
  EXPECT_GE(count(DROP_SHED), 2u);
}

TEST_P(Drops, PipelinedChunksAreCutAtSixteenKibibytes) {
  std::vector<Message> requests(30, Message{request_head(1000), ""});
  run([&](Inside&) {
    Talk talk;
    pass(talk.client.get(), talk.server.get(), text_of(requests));
  });
  EXPECT_GE(count(COUNT_CHUNK_TOO_LONG), 1u);
  requests.resize(16);
  const End* client = events().end_of(ROLE_CLIENT);
  ASSERT_NE(client, nullptr);
  std::size_t bytes = 0;
  for (const Data& data : client->data) bytes += data.bytes.size();
  EXPECT_GE(bytes, static_cast<std::size_t>(SUTURE_HEAD_MAX));
  EXPECT_LT(bytes, static_cast<std::size_t>(SUTURE_HEAD_MAX + SUTURE_PIECE));
  EXPECT_EQ(count(COUNT_HEAD_TOO_LONG), 0u);
}

TEST_P(Drops, ConnectionsAreCounted) {
  const std::uint64_t before = count(COUNT_CONNECTIONS);
  run([](Inside&) { Talk talk; });
  EXPECT_GE(count(COUNT_CONNECTIONS), before + 2);
}

}  // namespace
}  // namespace suture::kernel_test
