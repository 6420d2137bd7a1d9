// What connections report of themselves: opened, refused, closing, closed, moved on; and whose are ignored.
#include <arpa/inet.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <set>
#include <thread>
#include <utility>

#include "kernel_test.h"

namespace suture::kernel_test {
namespace {

class Connections : public KernelTest {};
FOR_EACH_MECHANISM(Connections);

TEST_P(Connections, OpenBeforeDataAndCloseOnce) {
  run([](Inside&) {
    Talk talk;
    pass(talk.client.get(), talk.server.get(), request_head(80));
    pass(talk.server.get(), talk.client.get(), response_head(80));
    talk.client.reset();
    receive_to_end(talk.server.get());
  });
  ASSERT_TRUE(drain_until([&] { return both_closed(); }));
  EXPECT_EQ(events().ends().size(), 2u);
  for (connection_role role : {ROLE_CLIENT, ROLE_SERVER}) {
    const End* end = events().end_of(role);
    ASSERT_NE(end, nullptr);
    EXPECT_EQ(end->data_before_open, 0u);
    EXPECT_EQ(end->count(CONNECTION_OPEN), 1u);
    EXPECT_EQ(end->count(CONNECTION_CLOSING), 1u);
    EXPECT_EQ(end->count(CONNECTION_CLOSED), 1u);
    EXPECT_EQ(end->last().what, CONNECTION_CLOSED);
    EXPECT_EQ(end->last().error, 0);
    EXPECT_EQ(end->last().peer_closed, role == ROLE_SERVER ? 1 : 0);
    EXPECT_EQ(end->last().verdict, VERDICT_HTTP);
    EXPECT_EQ(end->last().local_port, end->reports[0].local_port);
    EXPECT_EQ(end->last().remote_port, end->reports[0].remote_port);
    EXPECT_EQ(end->last().netns_inode, end->reports[0].netns_inode);
    EXPECT_EQ(std::memcmp(end->last().local_address, end->reports[0].local_address, 32), 0);
    EXPECT_NE(end->last().opened_ns, 0u);
    EXPECT_LE(end->last().opened_ns, end->last().established_ns);
    EXPECT_LE(end->last().established_ns, end->data[0].time_ns);
  }
}

TEST_P(Connections, RefusedConnectTellsWhy) {
  const pid_t pid = run([](Inside&) {
    sockaddr_storage address;
    socklen_t size = 0;
    listen_on_loopback(AF_INET, address, size).reset();  // a port that nobody listens on
    const Fd client(::socket(AF_INET, SOCK_STREAM, 0));
    need(::connect(client.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 && errno == ECONNREFUSED, "refusal");
    // The same socket may try again, and is another connection then.
    need(::connect(client.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 && errno == ECONNREFUSED, "refusal");
  });
  ASSERT_TRUE(drain_until([&] { return both_closed(); }));
  ASSERT_EQ(events().ends().size(), 2u);
  for (const auto& [id, end] : events().ends()) {
    ASSERT_EQ(end.reports.size(), 1u);
    EXPECT_EQ(end.last().what, CONNECTION_CLOSED);
    EXPECT_EQ(end.last().error, ECONNREFUSED);
    EXPECT_EQ(end.last().role, ROLE_CLIENT);
    EXPECT_EQ(end.last().tgid, static_cast<std::uint32_t>(pid));
    EXPECT_NE(end.last().opened_ns, 0u);
    EXPECT_EQ(end.last().established_ns, 0u);
    EXPECT_EQ(end.last().remote_address[0], 127);
    EXPECT_NE(end.last().local_port, 0);
    EXPECT_NE(end.last().remote_port, 0);
  }
}

TEST_P(Connections, ShutdownOfOneDirectionIsNoClosing) {
  Child child([](Inside& inside) {
    Talk talk;
    pass(talk.client.get(), talk.server.get(), request_head(80));
    ::shutdown(talk.client.get(), SHUT_WR);
    receive_to_end(talk.server.get());
    inside.step();
    pass(talk.server.get(), talk.client.get(), response_head(80));
  });
  events().watch(child.pid());
  await_step(child);
  const End* client = events().end_of(ROLE_CLIENT);
  ASSERT_NE(client, nullptr);
  EXPECT_EQ(client->count(CONNECTION_CLOSING), 0u);
  child.go();
  finish(child);
  expect_exchange(events(), {{request_head(80), ""}}, {{response_head(80), ""}});
}

// The read that has taken all there is waits for more, and is told of when the connection is over.
TEST_P(Connections, WhatEndsDuringAReadIsOneConnection) {
  run([](Inside&) {
    Talk talk;
    pass(talk.client.get(), talk.server.get(), request_head(80));
    ::shutdown(talk.client.get(), SHUT_WR);
    receive_to_end(talk.server.get());
    std::string answer(1000, ' ');
    std::thread reader([&] { need(::recv(talk.client.get(), answer.data(), answer.size(), MSG_WAITALL) == 80, "the answer"); });
    send_all(talk.server.get(), response_head(80));
    for (int unread = 1; unread != 0;) need(::ioctl(talk.client.get(), FIONREAD, &unread) == 0, "FIONREAD");
    talk.server.reset();
    reader.join();
  });
  EXPECT_EQ(events().ends().size(), 2u);
  expect_exchange(events(), {{request_head(80), ""}}, {{response_head(80), ""}});
}

TEST_P(Connections, SweepTellsHowFarABodyHasCome) {
  Child child([](Inside& inside) {
    Talk talk;
    pass(talk.client.get(), talk.server.get(), request_head(80));
    pass(talk.server.get(), talk.client.get(), response_head(80));
    pass(talk.server.get(), talk.client.get(), std::string(50000, 'b'));
    inside.step();
  });
  events().watch(child.pid());
  await_step(child);
  ASSERT_TRUE(probe_->sweep());
  ASSERT_TRUE(probe_->sweep());  // nothing has moved since
  ring_->drain(std::chrono::milliseconds(0));
  for (connection_role role : {ROLE_CLIENT, ROLE_SERVER}) {
    const End* end = events().end_of(role);
    ASSERT_NE(end, nullptr);
    ASSERT_EQ(end->count(CONNECTION_PROGRESS), 1u);
    const event_connection& progress = end->report(CONNECTION_PROGRESS);
    const int body = role == ROLE_SERVER ? DIRECTION_SEND : DIRECTION_RECEIVE;
    EXPECT_EQ(progress.end_seq[body] - 1 - (body == DIRECTION_SEND ? progress.isn_own : progress.isn_peer), 50080u);
    EXPECT_GT(progress.last_ns[body], end->data.back().time_ns);
    EXPECT_LE(progress.last_ns[body], progress.header.time_ns);
  }
  child.go();
  finish(child);
}

// Softirq sends what one CPU has queued while another names the connection. sys-exit names it at the end of the first send.
TEST_P(Connections, BothEndsNamesAgreeWhileAQueueIsSent) {
  run([](Inside&) {
    const std::string request = request_head(80) + std::string(4 << 20, 'b');
    for (int i = 0; i < 100; i++) {
      Talk talk;
      std::thread server([&] { receive(talk.server.get(), request.size()); });
      send_all(talk.client.get(), request);
      server.join();
    }
  });
  ASSERT_TRUE(drain_until([&] { return events().ends().size() == 200 && both_closed(); }));
  std::set<std::pair<std::uint32_t, std::uint32_t>> clients, servers;
  for (const auto& [id, end] : events().ends()) {
    const event_connection& names = end.reports[0];
    ASSERT_TRUE(names.have_isn);
    if (names.role == ROLE_CLIENT) clients.emplace(names.isn_own, names.isn_peer);
    else servers.emplace(names.isn_peer, names.isn_own);
  }
  EXPECT_EQ(clients, servers);
}

// The socket's position moves before the hook of a receive runs; the sweep of another CPU may come between.
TEST_P(Connections, SweepTellsNoEndWithTheTimeBeforeIt) {
  Child child([](Inside& inside) {
    inside.step();
    Talk talk;
    for (int i = 0; i < 5000; i++) {
      pass(talk.client.get(), talk.server.get(), request_head(80));
      pass(talk.server.get(), talk.client.get(), response_head(80));
    }
    inside.step();
  });
  events().watch(child.pid());
  await_step(child);
  child.go();
  ASSERT_TRUE(drain_until([&] {
    for (int i = 0; i < 20; i++) {
      if (!probe_->sweep()) return true;
      ring_->drain(std::chrono::milliseconds(0));
    }
    return child.at_step() || child.ended();
  }));
  ring_->drain(std::chrono::milliseconds(0));  // should it be full, there is room for the child's exit now
  child.go();
  finish(child);

  std::size_t told = 0;
  for (const auto& [id, end] : events().ends()) {
    std::map<std::uint32_t, std::uint64_t> read;  // time by where the bytes end
    for (const Data& data : end.data)
      if (data.direction == DIRECTION_RECEIVE) read[data.seq + data.call_bytes] = data.time_ns;
    for (const event_connection& report : end.reports) {
      const auto at = read.find(report.end_seq[DIRECTION_RECEIVE]);
      if (report.what != CONNECTION_PROGRESS || at == read.end()) continue;
      told++;
      ASSERT_GE(report.last_ns[DIRECTION_RECEIVE], at->second);
    }
  }
  EXPECT_GT(told, 0u);
}

// This process is the agent: neither it nor the other end of its connections is looked at. Its ports are free again later.
TEST_P(Connections, BothEndsOfTheAgentsOwnAreIgnored) {
  sockaddr_storage address;
  socklen_t size = 0;
  Fd listener = listen_on_loopback(AF_INET, address, size);
  Fd own(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in local{};  // an address of its own, where nobody else takes the port meanwhile
  local.sin_family = AF_INET;
  local.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 8);
  ASSERT_EQ(::bind(own.get(), reinterpret_cast<sockaddr*>(&local), sizeof(local)), 0);
  const auto serve_and_ask = [&](Inside& inside) {
    own.reset();
    const Fd served(::accept(listener.get(), nullptr, nullptr));
    inside.step();
    receive(served.get(), 80);
    send_all(served.get(), response_head(80));
    char byte;
    need(::read(served.get(), &byte, 1) < 0, "reset");
  };
  Child child(serve_and_ask);
  events().watch(child.pid());
  ASSERT_EQ(::connect(own.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  await_step(child);
  child.go();
  send_all(own.get(), request_head(80));
  receive(own.get(), 80);
  socklen_t local_size = sizeof(local);
  ::getsockname(own.get(), reinterpret_cast<sockaddr*>(&local), &local_size);
  const linger reset{1, 0};  // the port is free at once
  ::setsockopt(own.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
  own.reset();
  finish(child);
  EXPECT_EQ(events().ends().size(), 0u);

  // Another process with the port that was the agent's is not the agent.
  Child next([&](Inside& inside) {
    inside.step();
    Fd client(::socket(AF_INET, SOCK_STREAM, 0));
    const int yes = 1;
    ::setsockopt(client.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    need(::bind(client.get(), reinterpret_cast<sockaddr*>(&local), sizeof(local)) == 0, "bind the agent's port");
    need(::connect(client.get(), reinterpret_cast<sockaddr*>(&address), size) == 0, "connect");
    const Fd served(::accept(listener.get(), nullptr, nullptr));
    pass(client.get(), served.get(), request_head(80));
    pass(served.get(), client.get(), response_head(80));
  });
  events().watch(next.pid());
  await_step(next);
  next.go();
  finish(next);
  expect_exchange(events(), {{request_head(80), ""}}, {{response_head(80), ""}});
}

}  // namespace
}  // namespace suture::kernel_test
