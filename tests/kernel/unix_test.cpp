// Unix stream sockets: positions and names of both ends, what is older, what is in doubt, and how it ends.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "kernel_test.h"

namespace suture::kernel_test {
namespace {

const std::string kUnixRequest = "GET /unix HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string kUnixResponse = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Both ends of a Unix connection in the calling child.
struct Pair {
  Fd client, server;

  Pair() {
    int ends[2];
    need(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "socketpair");
    client = Fd(ends[0]);
    server = Fd(ends[1]);
  }
  void ask() const { pass(client.get(), server.get(), kUnixRequest); }
  void answer() const { pass(server.get(), client.get(), kUnixResponse); }
  void exchange() const {
    ask();
    answer();
  }
  /// The server sees the client go.
  void close() {
    client.reset();
    need(receive_to_end(server.get()).empty(), "end");
  }
};

/// A listening socket in the abstract namespace, with one connection that nobody has accepted.
struct Unaccepted {
  Fd listener, client;

  Unaccepted() : listener(::socket(AF_UNIX, SOCK_STREAM, 0)), client(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socklen_t size = sizeof(sa_family_t);
    need(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size) == 0, "bind");  // the kernel picks a name
    size = sizeof(address);
    need(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0, "getsockname");
    need(::listen(listener.get(), 1) == 0, "listen");
    need(::connect(client.get(), reinterpret_cast<sockaddr*>(&address), size) == 0, "connect");
  }
  Fd accept() const { return Fd(::accept(listener.get(), nullptr, nullptr)); }
};

class UnixSockets : public KernelTest {
 protected:
  bool unix_sockets() const override { return true; }

  const End* end_that(std::uint8_t direction) {
    const End* found = nullptr;
    for (const auto& [id, end] : events().ends())
      for (const Data& data : end.data)
        if (data.bytes.starts_with("GET") && data.direction == direction) {
          EXPECT_TRUE(!found || found == &end) << "two such ends";
          found = &end;
        }
    return found;
  }
  const End* client() { return end_that(DIRECTION_SEND); }
  const End* server() { return end_that(DIRECTION_RECEIVE); }

  /// Where the messages of one end begin, from the connection's first byte, in the order of the events.
  static std::vector<std::uint32_t> positions(const End& end, std::uint8_t direction) {
    std::vector<std::uint32_t> at;
    const event_connection& open = end.reports.front();
    for (const Data& data : end.data)
      if (data.direction == direction && data.kind == DATA_START)
        at.push_back(data.seq - 1 - (direction == DIRECTION_SEND ? open.isn_own : open.isn_peer));
    return at;
  }

  void expect_mirrored() {
    ASSERT_NE(client(), nullptr);
    ASSERT_NE(server(), nullptr);
    const event_connection &mine = client()->reports.front(), &theirs = server()->reports.front();
    for (const event_connection* open : {&mine, &theirs}) {
      EXPECT_EQ(open->what, CONNECTION_OPEN);
      EXPECT_EQ(open->family, AF_UNIX);
      EXPECT_TRUE(open->have_isn);
    }
    EXPECT_EQ(mine.isn_own, theirs.isn_peer);
    EXPECT_EQ(mine.isn_peer, theirs.isn_own);
  }

  void expect_positions(const std::vector<std::uint32_t>& requests, const std::vector<std::uint32_t>& responses) {
    EXPECT_EQ(positions(*client(), DIRECTION_SEND), requests);
    EXPECT_EQ(positions(*server(), DIRECTION_RECEIVE), requests);
    EXPECT_EQ(positions(*client(), DIRECTION_RECEIVE), responses);
    EXPECT_EQ(positions(*server(), DIRECTION_SEND), responses);
  }

  /// Neither end says any more that its positions count from the first byte.
  void expect_doubt() {
    ASSERT_NE(client(), nullptr);
    ASSERT_NE(server(), nullptr);
    EXPECT_FALSE(client()->last().have_isn);
    EXPECT_FALSE(server()->last().have_isn);
  }
};
FOR_EACH_MECHANISM(UnixSockets);

TEST_P(UnixSockets, PositionsCountFromTheFirstByteAtBothEnds) {
  run([](Inside&) {
    Pair pair;
    pass(pair.server.get(), pair.client.get(), std::string(70, 'b'));  // a banner
    pair.exchange();
    pair.exchange();
    pair.close();
  });
  const auto up = static_cast<std::uint32_t>(kUnixRequest.size()), down = static_cast<std::uint32_t>(kUnixResponse.size());
  expect_mirrored();
  expect_positions({0, up}, {70, 70 + down});
  for (const End* end : {client(), server()}) {
    EXPECT_EQ(end->count(CONNECTION_CLOSED), 1u);
    EXPECT_EQ(end->last().what, CONNECTION_CLOSED);
    EXPECT_EQ(end->last().sent_bytes, end == client() ? 2 * up : 70 + 2 * down);
    EXPECT_EQ(end->last().received_bytes, end == client() ? 70 + 2 * down : 2 * up);
  }
  EXPECT_EQ(client()->last().peer_closed, 0);
  EXPECT_EQ(server()->last().peer_closed, 1);
}

TEST_P(UnixSockets, ARequestThatIsSentBeforeTheConnectionIsAcceptedHasItsPlace) {
  run([](Inside&) {
    Unaccepted early;
    send_all(early.client.get(), kUnixRequest);
    const Fd server = early.accept();
    receive(server.get(), kUnixRequest.size());
    pass(server.get(), early.client.get(), kUnixResponse);
  });
  expect_mirrored();
  expect_positions({0}, {0});
}

TEST_P(UnixSockets, AnotherProcessGoesOnWhereTheFirstStopped) {
  run([](Inside&) {
    Pair pair;
    pair.exchange();
    if (const pid_t other = ::fork(); other == 0) {
      pair.exchange();
      ::_exit(0);
    } else {
      need(other > 0 && ::waitpid(other, nullptr, 0) == other, "the other process");
    }
    pair.exchange();
  });
  const auto up = static_cast<std::uint32_t>(kUnixRequest.size()), down = static_cast<std::uint32_t>(kUnixResponse.size());
  expect_mirrored();
  expect_positions({0, up, 2 * up}, {0, down, 2 * down});
}

TEST_P(UnixSockets, NewSocketsAreNotTakenForThoseBeforeThem) {
  run([](Inside&) {
    for (int i = 0; i < 50; ++i) {
      Pair pair;  // where the last one was
      pair.exchange();
    }
  });
  std::set<std::uint32_t> numbers;
  std::size_t open = 0;
  for (const auto& [id, end] : events().ends()) {
    open += end.count(CONNECTION_OPEN);
    numbers.insert(end.reports.front().isn_own);
    EXPECT_EQ(positions(end, DIRECTION_SEND), std::vector<std::uint32_t>{0});
    EXPECT_EQ(positions(end, DIRECTION_RECEIVE), std::vector<std::uint32_t>{0});
    EXPECT_TRUE(end.last().have_isn);
  }
  EXPECT_EQ(open, 100u);
  EXPECT_EQ(numbers.size(), 100u);
}

// The response that ends with its connection: the client reads the end, the server's close is told by nobody else.
TEST_P(UnixSockets, TheEndThatOnePeerReadsIsTheEndOfBoth) {
  run([](Inside&) {
    Pair pair;
    pair.ask();
    send_all(pair.server.get(), "HTTP/1.0 200 OK\r\n\r\nuntil the end");
    pair.server.reset();
    receive_to_end(pair.client.get());
  });
  expect_mirrored();
  for (const End* end : {client(), server()}) EXPECT_EQ(end->last().what, CONNECTION_CLOSED);
  EXPECT_EQ(client()->last().peer_closed, 1);
}

// The response waits for its reader, its sender is gone, and a sweep comes past.
TEST_P(UnixSockets, WhatAPeerSentBeforeItWasForgottenKeepsItsPlace) {
  Child child([](Inside& inside) {
    Pair pair;
    pair.ask();
    send_all(pair.server.get(), kUnixResponse);
    pair.server.reset();
    inside.step();
    receive_to_end(pair.client.get());
  });
  events().watch(child.pid());
  await_step(child);
  ASSERT_TRUE(probe_->sweep());
  child.go();
  finish(child);
  expect_mirrored();
  expect_positions({0}, {0});
}

TEST_P(UnixSockets, AHalfThatWasShutLeavesTheOther) {
  run([](Inside&) {
    Pair pair;
    send_all(pair.client.get(), kUnixRequest);
    ::shutdown(pair.client.get(), SHUT_WR);
    need(receive_to_end(pair.server.get()) == kUnixRequest, "request");
    pair.answer();
  });
  expect_mirrored();
  expect_positions({0}, {0});
}

TEST_P(UnixSockets, ASpliceThatNobodySeesLeavesDoubt) {
  run([](Inside&) {
    Pair pair;
    int pipe[2];
    need(::pipe(pipe) == 0, "pipe");
    pair.exchange();
    send_all(pair.client.get(), kUnixRequest);
    need(::splice(pair.server.get(), nullptr, pipe[1], nullptr, kUnixRequest.size(), 0) == static_cast<ssize_t>(kUnixRequest.size()), "splice");
    pair.exchange();
  });
  ASSERT_NE(client(), nullptr);
  EXPECT_TRUE(client()->reports.front().have_isn);
  expect_doubt();
}

// Both ends close, and neither reads the other's end: nothing tells of that.
TEST_P(UnixSockets, EveryBodyByteIsToldBeforeTheSocketIsGone) {
  run([](Inside&) {
    Pair pair;
    pair.ask();
    pass(pair.server.get(), pair.client.get(), "HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n");
    for (int i = 0; i < 2; ++i) pass(pair.server.get(), pair.client.get(), std::string(10'000, 'b'));
  });
  expect_mirrored();
  const std::size_t down = std::string_view("HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n").size() + 20'000;
  EXPECT_EQ(server()->last().sent_bytes, down);
  EXPECT_EQ(client()->last().received_bytes, down);
}

class UnixOlder : public UnixSockets {
 protected:
  bool attaches_at_once() const override { return false; }

  void run_late(const Child::Body& body) {
    Child child(body);
    events().watch(child.pid());
    while (!child.at_step()) ASSERT_FALSE(child.ended());
    attach();
    child.go();
    finish(child);
  }
};
FOR_EACH_MECHANISM(UnixOlder);

TEST_P(UnixOlder, ConnectionsThatHaveMovedBytesAreNotJoined) {
  run_late([](Inside& inside) {
    Pair pair;
    pair.exchange();
    inside.step();
    pair.exchange();
  });
  expect_doubt();
  EXPECT_EQ(client()->data.size(), 2u);
  EXPECT_EQ(server()->data.size(), 2u);
}

TEST_P(UnixOlder, ARequestThatWaitsToBeAcceptedIsNotTakenForTheNext) {
  run_late([](Inside& inside) {
    Unaccepted early;
    send_all(early.client.get(), kUnixRequest);
    inside.step();
    const Fd server = early.accept();
    receive(server.get(), kUnixRequest.size());
    pass(server.get(), early.client.get(), kUnixResponse);
    pass(early.client.get(), server.get(), kUnixRequest);
  });
  expect_doubt();
}

class UnixNotWanted : public UnixSockets {
 protected:
  bool unix_sockets() const override { return false; }
};
FOR_EACH_MECHANISM(UnixNotWanted);

TEST_P(UnixNotWanted, MakesNoEvents) {
  run([](Inside&) {
    Pair pair;
    pair.exchange();
    pair.close();
  });
  EXPECT_TRUE(events().ends().empty());
}

}  // namespace
}  // namespace suture::kernel_test
