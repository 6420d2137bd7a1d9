// Connections that were there before the programs, and names: both ends compute the same pair of handshake numbers and
// the same positions, whenever they are first seen.
#include <sys/socket.h>
#include <unistd.h>

#include "kernel_test.h"

namespace suture::kernel_test {
namespace {

const Message kAsked{"GET /late HTTP/1.1\r\nHost: a\r\n\r\n", ""};
const Message kAnswered{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", "ok"};

class LateAttach : public KernelTest {
 protected:
  bool attaches_at_once() const override { return false; }

  /// A connection that is opened and used as `before` says, then the programs are attached, then used as `after` says.
  void run_late(const std::function<void(Talk&)>& before, const std::function<void(Talk&)>& after) {
    Child child([&](Inside& inside) {
      Talk talk;
      before(talk);
      inside.step();
      // The test learns the ports by what the first message says.
      after(talk);
    });
    events().watch(child.pid());
    while (!child.at_step()) ASSERT_FALSE(child.ended());
    attach();
    child.go();
    finish(child);
    ASSERT_TRUE(drain_until([&] { return both_closed(); }));
  }

  /// `up` and `down` bytes have passed before the message seen first.
  void expect_agreement(std::uint32_t up, std::uint32_t down) {
    const End *client = nullptr, *server = nullptr;
    for (const auto& [id, end] : events().ends())
      for (const Data& data : end.data)
        if (data.kind == DATA_START && data.bytes.substr(0, 3) == "GET") (data.direction == DIRECTION_SEND ? client : server) = &end;
    ASSERT_NE(client, nullptr);
    ASSERT_NE(server, nullptr);
    const event_connection &mine = client->reports[0], &theirs = server->reports[0];
    EXPECT_EQ(mine.what, CONNECTION_OPEN);
    EXPECT_EQ(mine.opened_ns, 0u);
    ASSERT_TRUE(mine.have_isn);
    ASSERT_TRUE(theirs.have_isn);
    EXPECT_EQ(mine.isn_own, theirs.isn_peer);
    EXPECT_EQ(mine.isn_peer, theirs.isn_own);
    for (const End* end : {client, server}) {
      const event_connection& open = end->reports[0];
      for (const Data& data : end->data) {
        const bool request = data.bytes.substr(0, 3) == "GET";
        const std::uint32_t first = 1 + (data.direction == DIRECTION_SEND ? open.isn_own : open.isn_peer);
        EXPECT_EQ(data.seq - first, request ? up : down) << data.bytes;
        EXPECT_EQ(data.bytes, request ? kAsked.head : kAnswered.head + kAnswered.body);
      }
      const event_connection& closed = end->report(CONNECTION_CLOSED);
      const auto ups = static_cast<std::uint32_t>(up + kAsked.head.size());
      const auto downs = static_cast<std::uint32_t>(down + kAnswered.head.size() + 2);
      EXPECT_EQ(closed.sent_bytes, end == client ? ups : downs);
      EXPECT_EQ(closed.received_bytes, end == client ? downs : ups);
      EXPECT_EQ(closed.end_seq[DIRECTION_SEND] - open.isn_own - 1, end == client ? ups : downs);
      EXPECT_EQ(closed.end_seq[DIRECTION_RECEIVE] - open.isn_peer - 1, end == client ? downs : ups);
    }
    EXPECT_EQ(client->data.size(), 2u);
    EXPECT_EQ(server->data.size(), 2u);
  }
};
FOR_EACH_MECHANISM(LateAttach);

void answer(Talk& talk) { pass(talk.server.get(), talk.client.get(), text_of({kAnswered})); }
void ask(Talk& talk) { pass(talk.client.get(), talk.server.get(), kAsked.head); }

TEST_P(LateAttach, NamesAndPositionsAreRight) {
  run_late(
      [](Talk& talk) {
        pass(talk.client.get(), talk.server.get(), std::string(1000, 'u'));
        pass(talk.server.get(), talk.client.get(), std::string(70000, 'd'));
      },
      [](Talk& talk) {
        ask(talk);
        answer(talk);
      });
  expect_agreement(1000, 70000);
}

// The client has sent its FIN, and the server has read it, or not yet, before anybody looks.
void expect_names_after_fin(const Events& events) {
  const End *client = nullptr, *server = nullptr;
  for (const auto& [id, end] : events.ends())
    for (const Data& data : end.data) (data.direction == DIRECTION_SEND ? server : client) = &end;
  ASSERT_NE(client, nullptr);
  ASSERT_NE(server, nullptr);
  EXPECT_EQ(client->reports[0].isn_own, server->reports[0].isn_peer);
  EXPECT_EQ(client->reports[0].isn_peer, server->reports[0].isn_own);
  EXPECT_EQ(server->data[0].seq - server->reports[0].isn_own - 1, 300u);
  EXPECT_EQ(client->data[0].seq - client->reports[0].isn_peer - 1, 300u);
  EXPECT_EQ(client->last().sent_bytes, 0u);
  EXPECT_EQ(server->last().received_bytes, 0u);
}

void close_half(Talk& talk) {
  pass(talk.server.get(), talk.client.get(), std::string(300, 'd'));
  ::shutdown(talk.client.get(), SHUT_WR);
}

void answer_and_close(Talk& talk) {
  send_all(talk.server.get(), text_of({kAnswered}));
  ::shutdown(talk.server.get(), SHUT_WR);
  receive_to_end(talk.client.get());
}

TEST_P(LateAttach, NamesAreRightAfterAFinThatWasRead) {
  run_late(
      [](Talk& talk) {
        close_half(talk);
        receive_to_end(talk.server.get());
      },
      answer_and_close);
  expect_names_after_fin(events());
}

TEST_P(LateAttach, NamesAreRightAfterAFinThatWaits) {
  run_late(close_half, answer_and_close);
  expect_names_after_fin(events());
}

// Seen from the first, a read that takes the last bytes and the FIN in one call has the right place.
class Fin : public KernelTest {};
FOR_EACH_MECHANISM(Fin);

TEST_P(Fin, AReadOfBytesAndFinHasItsPlace) {
  run([&](Inside&) {
    Talk talk;
    send_all(talk.client.get(), kAsked.head);
    ::shutdown(talk.client.get(), SHUT_WR);
    need(receive_to_end(talk.server.get()) == kAsked.head, "request");
    send_all(talk.server.get(), text_of({kAnswered}));
    ::shutdown(talk.server.get(), SHUT_RDWR);
    receive_to_end(talk.client.get());
  });
  ASSERT_TRUE(drain_until([&] { return both_closed(); }));
  expect_exchange(events(), {kAsked}, {kAnswered});
  for (connection_role role : {ROLE_CLIENT, ROLE_SERVER}) {
    const event_connection& closed = events().end_of(role)->report(CONNECTION_CLOSED);
    const auto up = static_cast<std::uint32_t>(kAsked.head.size()), down = static_cast<std::uint32_t>(text_of({kAnswered}).size());
    EXPECT_EQ(closed.end_seq[DIRECTION_SEND] - closed.isn_own - 1, role == ROLE_CLIENT ? up : down);
    EXPECT_EQ(closed.end_seq[DIRECTION_RECEIVE] - closed.isn_peer - 1, role == ROLE_CLIENT ? down : up);
    EXPECT_EQ(closed.sent_bytes, role == ROLE_CLIENT ? up : down);
    EXPECT_EQ(closed.received_bytes, role == ROLE_CLIENT ? down : up);
  }
}

// The socket is gone for TCP (both FINs, or a reset) while its process has yet to read: CLOSED comes after the reading.
TEST_P(Fin, WhatIsReadAfterTheEndComesBeforeClosed) {
  for (const bool reset : {false, true}) {
    SCOPED_TRACE(reset);
    events().clear();
    run([&](Inside&) {
      Talk talk;
      send_all(talk.client.get(), kAsked.head);
      if (!reset) ::shutdown(talk.client.get(), SHUT_WR);
      if (reset) send_all(talk.client.get(), "more than the server reads");
      receive(talk.server.get(), kAsked.head.size());
      send_all(talk.server.get(), text_of({kAnswered}));
      talk.server.reset();
      receive(talk.client.get(), text_of({kAnswered}).size());
    });
    ASSERT_TRUE(drain_until([&] { return both_closed(); }));
    const End* client = events().end_of(ROLE_CLIENT);
    expect_heads(client, DIRECTION_RECEIVE, {kAnswered});
    EXPECT_EQ(client->count(CONNECTION_CLOSED), 1u);
    EXPECT_EQ(client->count(CONNECTION_OPEN), 1u);
    EXPECT_EQ(client->last().what, CONNECTION_CLOSED);
    EXPECT_EQ(client->last().error, reset ? ECONNRESET : 0);
  }
}

}  // namespace
}  // namespace suture::kernel_test
