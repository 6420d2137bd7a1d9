// Every way a process moves bytes: what can be shown is shown once and at its place, what cannot leaves no false bytes.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "kernel_test.h"
#include "sockhash.h"

namespace suture::kernel_test {
namespace {

class CallKinds : public KernelTest {};
FOR_EACH_MECHANISM(CallKinds);

const std::vector<Message> kRequests = {{request_head(200), ""}, {request_head(90), ""}};

TEST_P(CallKinds, PeekIsNotAReading) {
  const std::vector<Message> responses = {{response_head(300), "body"}, {response_head(90), ""}};
  run([&](Inside&) {
    Talk talk;
    char buffer[4096];
    for (int i = 0; i < 2; ++i) {
      send_all(talk.client.get(), kRequests[static_cast<std::size_t>(i)].head);
      for (int peeks = 0; peeks < 3; ++peeks) need(::recv(talk.server.get(), buffer, sizeof(buffer), MSG_PEEK) > 0, "peek");
      need(::recv(talk.server.get(), buffer, sizeof(buffer), 0) > 0, "recv");
      pass(talk.server.get(), talk.client.get(), text_of({responses[static_cast<std::size_t>(i)]}));
    }
  });
  expect_exchange(events(), kRequests, responses);
  EXPECT_EQ(events().data_events(), 8u);
}

// MSG_TRUNC throws bytes away: the buffer holds what was there before, here a request that nobody sent.
TEST_P(CallKinds, DiscardedBytesAreNotShown) {
  const std::vector<Message> responses = {{response_head(100), ""}, {response_head(90), ""}};
  run([&](Inside&) {
    Talk talk;
    std::string stale = "GET /stale HTTP/1.1\r\n\r\n";
    send_all(talk.client.get(), kRequests[0].head);
    need(::recv(talk.server.get(), stale.data(), 150, MSG_TRUNC) == 150, "discard");
    receive(talk.server.get(), 50);
    pass(talk.server.get(), talk.client.get(), responses[0].head);
    pass(talk.client.get(), talk.server.get(), kRequests[1].head);
    pass(talk.server.get(), talk.client.get(), responses[1].head);
  });
  for (const auto& [id, end] : events().ends())
    for (const Data& data : end.data) EXPECT_EQ(data.bytes.find("stale"), std::string::npos);
  expect_heads(events().end_of(ROLE_CLIENT), DIRECTION_SEND, kRequests);
  expect_heads(events().end_of(ROLE_SERVER), DIRECTION_SEND, responses);
}

// One byte of urgent data is read beside the stream, and moves no position.
TEST_P(CallKinds, UrgentDataIsNoPartOfTheStream) {
  const std::vector<Message> responses = {{response_head(100), ""}, {response_head(90), ""}};
  run([&](Inside&) {
    Talk talk;
    pass(talk.client.get(), talk.server.get(), kRequests[0].head);
    need(::send(talk.server.get(), responses[0].head.data(), 100, 0) == 100, "send");
    receive(talk.client.get(), 100);
    pass(talk.client.get(), talk.server.get(), kRequests[1].head);
    pass(talk.server.get(), talk.client.get(), responses[1].head);
    need(::send(talk.server.get(), "!", 1, MSG_OOB) == 1, "urgent");
    char byte;
    while (::recv(talk.client.get(), &byte, 1, MSG_OOB) != 1) need(errno == EAGAIN, "receive urgent");
  });
  expect_exchange(events(), kRequests, {responses[0], {responses[1].head, "!"}});
}

// The rest of a partial send comes again in the next call, and again: its head leaves once, its end is the end.
TEST_P(CallKinds, PartialSendsShowAHeadOnce) {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  std::string body = "3ffff9\r\n" + std::string(0x3ffff9, 'x') + "\r\n0\r\n\r\n";
  run([&](Inside&) {
    Talk talk;
    pass(talk.client.get(), talk.server.get(), kRequests[0].head);
    ::fcntl(talk.server.get(), F_SETFL, O_NONBLOCK);
    const std::string text = head + body;
    std::size_t sent = 0, got = 0;
    std::string buffer(1 << 20, '\0');
    while (got < text.size()) {
      if (sent < text.size()) {
        // as libuv does it: a vector of head and rest, or of two halves of the rest
        const std::size_t first = sent < head.size() ? head.size() - sent : 1 + (text.size() - sent) / 2;
        iovec parts[2] = {{const_cast<char*>(text.data()) + sent, std::min(first, text.size() - sent)}, {}};
        parts[1] = {const_cast<char*>(text.data()) + sent + parts[0].iov_len, text.size() - sent - parts[0].iov_len};
        const ssize_t n = ::writev(talk.server.get(), parts, 2);
        need(n > 0 || errno == EAGAIN, "writev");
        if (n > 0) sent += static_cast<std::size_t>(n);
        if (n > 0) continue;  // until it is full, and once more
      }
      const ssize_t n = ::read(talk.client.get(), buffer.data(), buffer.size());
      need(n > 0, "read");
      got += static_cast<std::size_t>(n);
    }
    pass(talk.client.get(), talk.server.get(), kRequests[1].head);
  });
  const End* server = events().end_of(ROLE_SERVER);
  expect_heads(server, DIRECTION_SEND, {{head, body}});
  expect_heads(events().end_of(ROLE_CLIENT), DIRECTION_RECEIVE, {{head, body}});
  std::size_t starts = 0;
  for (const Data& data : server->data) starts += data.direction == DIRECTION_SEND && data.kind == DATA_START;
  EXPECT_EQ(starts, 1u);
  // where the body ended is known from the next request
  const Data& next = server->data.back();
  EXPECT_EQ(next.end_seq[DIRECTION_SEND], server->reports[0].isn_own + 1 + static_cast<std::uint32_t>(head.size() + body.size()));
}

TEST_P(CallKinds, BlockingSendOfManySegmentsShowsAHeadOnce) {
  const std::vector<Message> responses = {{response_head(100), std::string(4 << 20, 'y')}};
  run([&](Inside&) {
    Talk talk;
    pass(talk.client.get(), talk.server.get(), kRequests[0].head);
    const pid_t reader = ::fork();
    if (reader == 0) {
      receive(talk.client.get(), text_of(responses).size());
      ::_exit(0);
    }
    send_all(talk.server.get(), text_of(responses));
  });
  const End* server = events().end_of(ROLE_SERVER);
  expect_heads(server, DIRECTION_SEND, responses);
  EXPECT_EQ(server->data.size(), 2u);
}

TEST_P(CallKinds, BodiesFromFilesAndPipes) {
  const std::vector<Message> responses = {{response_head(100), std::string(8000, 'f')}, {response_head(120), std::string(8000, 'f')}};
  run([&](Inside&) {
    Talk talk;
    const Fd file(::memfd_create("body", MFD_CLOEXEC));
    send_all(file.get(), responses[0].body);
    pass(talk.client.get(), talk.server.get(), kRequests[0].head);
    send_all(talk.server.get(), responses[0].head);
    off_t from = 0;
    need(::sendfile(talk.server.get(), file.get(), &from, 8000) == 8000, "sendfile");
    receive(talk.client.get(), 8100);
    pass(talk.client.get(), talk.server.get(), kRequests[1].head);
    int pipe[2];
    need(::pipe(pipe) == 0, "pipe");
    send_all(pipe[1], responses[1].body);
    send_all(talk.server.get(), responses[1].head);
    for (std::size_t left = 8000; left > 0;) {
      const ssize_t n = ::splice(pipe[0], nullptr, talk.server.get(), nullptr, left, 0);
      need(n > 0, "splice to the socket");
      left -= static_cast<std::size_t>(n);
    }
    receive(talk.client.get(), 120);
    for (std::size_t left = 8000; left > 0;) {
      const ssize_t n = ::splice(talk.client.get(), nullptr, pipe[1], nullptr, left, 0);
      need(n > 0, "splice from the socket");
      receive(pipe[0], static_cast<std::size_t>(n));
      left -= static_cast<std::size_t>(n);
    }
  });
  expect_exchange(events(), kRequests, responses);
}

// Elsewhere what cannot be told apart is counted as call_kind: drops_test.cpp.
class ManyMessages : public KernelTest {};
INSTANTIATE_TEST_SUITE_P(, ManyMessages, ::testing::Values(HookChoice::SysExit), mechanism_name);

TEST_P(ManyMessages, OfOneCallAreAllShown) {
  const std::vector<Message> responses = {{response_head(100), ""}, {response_head(90), ""}};
  run([&](Inside&) {
    Talk talk;
    std::string one = kRequests[0].head, two = kRequests[1].head;
    iovec parts[2] = {{one.data(), one.size()}, {two.data(), two.size()}};
    mmsghdr messages[2]{};
    for (int i = 0; i < 2; ++i) {
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    need(::sendmmsg(talk.client.get(), messages, 2, 0) == 2, "sendmmsg");
    while (::recv(talk.server.get(), one.data(), 1, MSG_PEEK) != 1) {}
    need(::recvmmsg(talk.server.get(), messages, 2, 0, nullptr) == 2, "recvmmsg");
    for (const Message& response : responses) pass(talk.server.get(), talk.client.get(), response.head);
  });
  expect_exchange(events(), kRequests, responses);
}

TEST_P(CallKinds, SocketsInASockhash) {
  const std::vector<Message> responses = {{response_head(100), ""}, {response_head(90), ""}};
  run([&](Inside&) {
    Sockhash hash;
    Talk talk;
    need(hash.add(talk.client.get()) && hash.add(talk.server.get()), "sockhash");
    for (std::size_t i = 0; i < 2; ++i) {
      pass(talk.client.get(), talk.server.get(), kRequests[i].head);
      pass(talk.server.get(), talk.client.get(), responses[i].head);
    }
  });
  expect_exchange(events(), kRequests, responses);
}

TEST_P(CallKinds, Ipv6) {
  const std::vector<Message> responses = {{response_head(100), ""}};
  run([&](Inside&) {
    Talk talk(AF_INET6);
    pass(talk.client.get(), talk.server.get(), kRequests[0].head);
    pass(talk.server.get(), talk.client.get(), responses[0].head);
  });
  expect_exchange(events(), {kRequests[0]}, responses);
  const event_connection& open = events().end_of(ROLE_CLIENT)->reports[0];
  EXPECT_EQ(open.family, AF_INET6);
  EXPECT_EQ(open.remote_address[15], 1);
}

}  // namespace
}  // namespace suture::kernel_test
