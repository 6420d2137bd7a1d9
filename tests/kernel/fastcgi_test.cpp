// FastCGI: heads of requests leave whole, however they are written and read, and nothing of their bodies; of responses the
// beginning and the end.
#include "../proto/fastcgi/records.h"
#include "kernel_test.h"
#include "wire/limits.h"

namespace suture::kernel_test {
namespace {

using namespace fastcgi;

class Fastcgi : public KernelTest {
 protected:
  /// What left of one direction of the server's end, or the client's.
  std::string told(connection_role role, event_direction direction) {
    std::string all;
    for (const Data& data : events().end_of(role)->data)
      if (data.direction == direction) all += data.bytes;
    return all;
  }
  std::size_t starts(connection_role role, event_direction direction) {
    std::size_t found = 0;
    for (const Data& data : events().end_of(role)->data) found += data.direction == direction && data.kind == DATA_START;
    return found;
  }
};
FOR_EACH_MECHANISM(Fastcgi);

const std::string kBody = record(5, 1, "secret") + no_body(1);
const std::string kNotFound = output(1, "Status: 404 Not Found\r\n\r\nno") + end(1);

Pairs post(std::size_t cookie = 20) {
  return {{"REQUEST_METHOD", "POST"}, {"REQUEST_URI", "/a"}, {"CONTENT_LENGTH", "6"}, {"HTTP_COOKIE", std::string(cookie, 'c')}};
}

TEST_P(Fastcgi, HeadsLeaveWholeHoweverTheyAreWrittenAndRead) {
  const std::string small = head(1, post()), in_two = head(1, post(), 50, 3), large = head(1, post(9000), 4000, 1);
  const std::vector<std::string> heads = {small, in_two, large};
  run([&](Inside&) {
    Talk talk;
    for (const std::string& head : heads) {
      send_all(talk.client.get(), head + kBody);  // as nginx does
      for (const std::size_t size : {8, 8, 8}) receive(talk.server.get(), size);  // as PHP does
      receive(talk.server.get(), head.size() - 24 - 8);
      receive(talk.server.get(), 8);
      receive(talk.server.get(), kBody.size() - 8);
      pass(talk.server.get(), talk.client.get(), kNotFound);
      receive(talk.server.get(), 8);  // the end of the body, after the answer
    }
    for (const std::string& head : heads) {
      send_parts(talk.client.get(), {head.substr(0, 8), head.substr(8, 8)});  // as Apache does
      send_parts(talk.client.get(), {head.substr(16, 8), head.substr(24)});
      send_all(talk.client.get(), kBody);
      receive(talk.server.get(), head.size() + kBody.size());
      pass(talk.server.get(), talk.client.get(), kNotFound);
    }
  });
  const std::string all = small + in_two + large;
  for (const connection_role role : {ROLE_CLIENT, ROLE_SERVER}) {
    const bool client = role == ROLE_CLIENT;
    EXPECT_EQ(told(role, client ? DIRECTION_SEND : DIRECTION_RECEIVE), all + all);
    EXPECT_EQ(told(role, client ? DIRECTION_RECEIVE : DIRECTION_SEND).size(), 2 * heads.size() * kNotFound.size());
    EXPECT_EQ(starts(role, client ? DIRECTION_SEND : DIRECTION_RECEIVE), 2 * heads.size());
    EXPECT_EQ(events().end_of(role)->last().verdict, VERDICT_HTTP);
  }
  // A witness of a request that is sent comes when its head is told of, also where that took several calls.
  std::size_t sent = 0;
  for (const event_witness& witness : events().witnesses()) sent += witness.point == WITNESS_REQUEST_SENT;
  EXPECT_EQ(sent, 2 * heads.size());
}

TEST_P(Fastcgi, SurvivesASplitAtEveryByte) {
  const std::string head = fastcgi::head(1, post(), 60, 2);
  run([&](Inside&) {
    Talk talk;
    for (std::size_t at = 1; at < head.size(); ++at) {
      pass(talk.client.get(), talk.server.get(), head.substr(0, at));
      pass(talk.client.get(), talk.server.get(), head.substr(at));
      pass(talk.client.get(), talk.server.get(), kBody);
      pass(talk.server.get(), talk.client.get(), kNotFound);
    }
  });
  std::string all;
  for (std::size_t at = 1; at < head.size(); ++at) all += head;
  EXPECT_EQ(told(ROLE_CLIENT, DIRECTION_SEND), all);
  EXPECT_EQ(told(ROLE_SERVER, DIRECTION_RECEIVE), all);
}

TEST_P(Fastcgi, ALongAnswerLeavesItsBeginningAndItsEnd) {
  const std::string first = output(1, "Status: 200 OK\r\n\r\n" + std::string(8000, 'a'));
  const std::string more = output(1, std::string(8000, 'b'));
  run([&](Inside&) {
    Talk talk;
    pass(talk.client.get(), talk.server.get(), head(1, post()) + kBody);
    pass(talk.server.get(), talk.client.get(), first);
    pass(talk.server.get(), talk.client.get(), more);
    pass(talk.server.get(), talk.client.get(), more + end(1));
  });
  for (const auto& [role, direction] : {std::pair{ROLE_CLIENT, DIRECTION_RECEIVE}, std::pair{ROLE_SERVER, DIRECTION_SEND}}) {
    EXPECT_EQ(told(role, direction), first.substr(0, SUTURE_CLASS_3) + end(1));
    EXPECT_EQ(events().end_of(role)->data.back().kind, DATA_TAIL);
  }
}

TEST_P(Fastcgi, AnEndThatIsReadHeaderFirstIsSeen) {
  const std::string first = output(1, "Status: 200 OK\r\n\r\n" + std::string(8000, 'a'));
  run([&](Inside&) {
    Talk talk;
    pass(talk.client.get(), talk.server.get(), head(1, post()) + kBody);
    pass(talk.server.get(), talk.client.get(), first);
    send_all(talk.server.get(), end(1));
    receive(talk.client.get(), 8);
    receive(talk.client.get(), 8);
  });
  EXPECT_EQ(told(ROLE_CLIENT, DIRECTION_RECEIVE), first.substr(0, SUTURE_CLASS_3) + end(1).substr(0, 8));
  EXPECT_EQ(events().end_of(ROLE_CLIENT)->data.back().kind, DATA_TAIL);
}

TEST_P(Fastcgi, IsNotWhatABodyOfHttpLooksLike) {
  const std::string request = "POST / HTTP/1.1\r\nContent-Length: 24\r\n\r\n";
  const std::string answer = "HTTP/1.1 204 No Content\r\n\r\n";
  run([&](Inside&) {
    Talk talk;
    for (int i = 0; i < 2; ++i) {
      pass(talk.client.get(), talk.server.get(), request);
      pass(talk.client.get(), talk.server.get(), begin(1) + std::string(8, '\1'));
      pass(talk.server.get(), talk.client.get(), answer);
    }
  });
  EXPECT_EQ(told(ROLE_SERVER, DIRECTION_RECEIVE), request + request);
  EXPECT_EQ(told(ROLE_SERVER, DIRECTION_SEND), answer + answer);
}

TEST_P(Fastcgi, IsNotWhateverBeginsWithAOne) {
  run([&](Inside&) {
    Talk talk;
    for (int i = 0; i < 3; ++i) {
      pass(talk.client.get(), talk.server.get(), record(1, 1, "nine byte"));
      pass(talk.client.get(), talk.server.get(), record(1, 0, "8 bytes."));
      pass(talk.server.get(), talk.client.get(), kNotFound);
    }
  });
  EXPECT_EQ(events().data_events(), 0u);
}

}  // namespace
}  // namespace suture::kernel_test
