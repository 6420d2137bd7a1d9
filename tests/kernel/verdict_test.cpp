// Connections that do not speak HTTP/1 are judged soon, show no bytes, and leave an edge.
#include "kernel_test.h"

namespace suture::kernel_test {
namespace {

class Verdict : public KernelTest {};
FOR_EACH_MECHANISM(Verdict);

struct Other {
  const char* name;
  std::string up, down;
  connection_verdict verdict;
};

TEST_P(Verdict, OtherProtocolsShowNoBytes) {
  using std::string_literals::operator""s;
  const Other others[] = {
      {"tls", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 client hello"s, "\x16\x03\x03\x00\x7a server hello"s, VERDICT_TLS},
      {"h2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\0\0\x12\4\0\0\0\0\0\0\3\0\0\0\x80"s, VERDICT_HTTP2},
      {"redis", "*1\r\n$4\r\nPING\r\n", "+PONG\r\n", VERDICT_OTHER},
      {"redis inline", "PING\r\n", "+PONG\r\n", VERDICT_OTHER},
      {"words", "helloworld", "goodbyeworld", VERDICT_OTHER},
      {"memcached", "get keys and more keys\r\n", "VALUE keys 0 3\r\nabc\r\nEND\r\n", VERDICT_OTHER},
      {"binary", "\x00\x01\xff\xfe\x80\x7f\x03\x00\x00\x21\x00\x00\x00"s, "\xde\xad\xbe\xef\x00\x01\x02\x03\x04\x05\x06\x07\x08"s, VERDICT_OTHER},
      {"single bytes", "\x01", "\x02", VERDICT_OTHER},
  };
  for (const Other& other : others) {
    SCOPED_TRACE(other.name);
    events().clear();
    run([&](Inside&) {
      Talk talk;
      for (int turn = 0; turn < 12; ++turn) {
        pass(talk.client.get(), talk.server.get(), other.up);
        pass(talk.server.get(), talk.client.get(), other.down);
      }
    });
    ASSERT_TRUE(drain_until([&] { return both_closed(); }));
    EXPECT_EQ(events().data_events(), 0u);
    for (connection_role role : {ROLE_CLIENT, ROLE_SERVER}) {
      const End* end = events().end_of(role);
      ASSERT_NE(end, nullptr);
      EXPECT_EQ(end->reports.size(), 1u);
      EXPECT_EQ(end->last().what, CONNECTION_CLOSED);
      EXPECT_EQ(end->last().verdict, other.verdict);
      const std::size_t up = 12 * other.up.size(), down = 12 * other.down.size();
      EXPECT_EQ(end->last().sent_bytes, role == ROLE_CLIENT ? up : down);
      EXPECT_EQ(end->last().received_bytes, role == ROLE_CLIENT ? down : up);
      EXPECT_EQ(end->last().retransmits, 0u);
    }
  }
  EXPECT_GE(count(COUNT_NOT_HTTP), 2 * std::size(others));
}

TEST_P(Verdict, UnregisteredMethodsAreHttp) {
  const std::vector<Message> requests = {{"PROPFIND /dav HTTP/1.1\r\nHost: a\r\n\r\n", ""}, {"M-SEARCH * HTTP/1.1\r\n\r\n", ""},
                                         {"PURGE /a HTTP/1.1\r\nHost: a\r\n\r\n", ""}};
  std::vector<Message> responses(3, Message{response_head(60), ""});
  run([&](Inside&) {
    Talk talk;
    for (std::size_t i = 0; i < 3; ++i) {
      pass(talk.client.get(), talk.server.get(), requests[i].head);
      pass(talk.server.get(), talk.client.get(), responses[i].head);
    }
  });
  expect_exchange(events(), requests, responses);
}

class LivingEdge : public KernelTest {
 protected:
  bool attaches_at_once() const override { return false; }

  /// What a sweep says of a connection that has spoken TLS, went silent, and lives.
  std::vector<event_connection> swept(std::uint64_t interval_ns) {
    ProbeLimits limits;
    limits.edge_interval_ns = interval_ns;
    attach(limits);
    Child child([](Inside& inside) {
      inside.step();
      Talk talk;
      pass(talk.client.get(), talk.server.get(), "\x16\x03\x01 client hello");
      inside.step();
    });
    events().watch(child.pid());
    await_step(child);
    child.go();
    await_step(child);
    EXPECT_TRUE(probe_->sweep());
    const std::uint64_t emitted = count(COUNT_EMITTED);
    EXPECT_TRUE(drain_until([&] { return events().records() >= emitted; }));
    const End* client = events().end_of(ROLE_CLIENT);
    const auto reports = client ? client->reports : std::vector<event_connection>();
    child.go();
    finish(child);
    return reports;
  }
};
FOR_EACH_MECHANISM(LivingEdge);

TEST_P(LivingEdge, IsToldBySweepsOnceItsIntervalIsOver) {
  const std::vector<event_connection> reports = swept(1);
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].what, CONNECTION_PROGRESS);
  EXPECT_EQ(reports[0].verdict, VERDICT_TLS);
  EXPECT_EQ(reports[0].sent_bytes, 16u);
}

TEST_P(LivingEdge, IsNotToldBefore) { EXPECT_TRUE(swept(3'600'000'000'000).empty()); }

}  // namespace
}  // namespace suture::kernel_test
