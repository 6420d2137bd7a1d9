// Requests and responses in the orders that HTTP/1.1 allows: pipelined, announced by 1xx, with bodies in the same call or
// in later ones, in chunks.
#include "kernel_test.h"

#include <algorithm>

namespace suture::kernel_test {
namespace {

class Exchange : public KernelTest {};
FOR_EACH_MECHANISM(Exchange);

std::vector<Message> sixteen(std::string (*head)(std::size_t), std::size_t size) {
  return std::vector<Message>(16, Message{head(size), ""});
}

TEST_P(Exchange, SixteenRequestsInOneWrite) {
  // 1 018: six bytes of the second message lie in the first record; 1 500: the head ends in the second
  for (std::size_t size : {60u, 1018u, 1024u, 1500u}) {
    SCOPED_TRACE(size);
    events().clear();
    const auto requests = sixteen(request_head, size), responses = sixteen(response_head, 70);
    run([&](Inside&) {
      Talk talk;
      // What exceeds 16 KiB of a call is not copied: two writes of eight.
      const std::string half = text_of({requests.begin(), requests.begin() + 8});
      for (int i = 0; i < 2; ++i) {
        send_all(talk.client.get(), half);
        receive(talk.server.get(), half.size());
      }
      send_all(talk.server.get(), text_of(responses));
      receive(talk.client.get(), text_of(responses).size());
    });
    expect_exchange(events(), requests, responses);
  }
}

TEST_P(Exchange, SixteenRequestsInSixteenWrites) {
  const auto requests = sixteen(request_head, 60), responses = sixteen(response_head, 70);
  run([&](Inside&) {
    Talk talk;
    for (const Message& request : requests) pass(talk.client.get(), talk.server.get(), request.head);
    for (const Message& response : responses) pass(talk.server.get(), talk.client.get(), response.head);
  });
  expect_exchange(events(), requests, responses);
}

TEST_P(Exchange, PipelinedRequestsInTinyPieces) {
  const auto requests = sixteen(request_head, 45), responses = sixteen(response_head, 45);
  run([&](Inside&) {
    Talk talk;
    const std::string text = text_of(requests), answers = text_of(responses);
    for (std::size_t at = 0; at < text.size(); at += 7) pass(talk.client.get(), talk.server.get(), text.substr(at, 7));
    for (std::size_t at = 0; at < answers.size(); at += 5) pass(talk.server.get(), talk.client.get(), answers.substr(at, 5));
  });
  expect_exchange(events(), requests, responses);
}

TEST_P(Exchange, ResponseWithItsBodyInTheSameCall) {
  const std::vector<Message> requests = {{request_head(100), ""}, {request_head(100), ""}};
  const std::vector<Message> responses = {{response_head(100), std::string(5000, 'b')}, {response_head(1010), std::string(30000, 'b')}};
  run([&](Inside&) {
    Talk talk;
    for (std::size_t i = 0; i < 2; ++i) {
      pass(talk.client.get(), talk.server.get(), requests[i].head);
      pass(talk.server.get(), talk.client.get(), text_of({responses[i]}));
    }
  });
  expect_exchange(events(), requests, responses);
}

TEST_P(Exchange, BodyAfterContinue) {
  const std::string head = "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
  const std::string final = "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n";
  const std::vector<Message> requests = {{head, "abc"}, {head, "abc"}};
  const std::string interim = "HTTP/1.1 100 Continue\r\n\r\n";
  run([&](Inside&) {
    Talk talk;
    for (int i = 0; i < 2; ++i) {
      pass(talk.client.get(), talk.server.get(), head);
      pass(talk.server.get(), talk.client.get(), interim);
      pass(talk.client.get(), talk.server.get(), "abc");
      pass(talk.server.get(), talk.client.get(), final);
    }
  });
  expect_exchange(events(), requests, {{interim, ""}, {final, ""}, {interim, ""}, {final, ""}});
}

// 103 and the final response come without a turn, whole, with a long first head, and in pieces.
TEST_P(Exchange, FinalResponseRightAfterEarlyHints) {
  const std::string hints = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n";
  const std::string long_hints = "HTTP/1.1 103 Early Hints\r\nLink: <" + std::string(2000, 'x') + ">\r\n\r\n";
  const std::string final = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
  const std::vector<std::vector<std::string>> writes = {
      {hints, final + "ok"}, {long_hints, final + "ok"}, {hints.substr(0, 9), hints.substr(9), final.substr(0, 10), final.substr(10) + "ok"},
      {hints.substr(0, 30), hints.substr(30), final, "ok"}};
  std::vector<Message> requests, responses;
  for (std::size_t i = 0; i < writes.size(); ++i) {
    requests.push_back({request_head(80), ""});
    responses.push_back({i == 1 ? long_hints : hints, ""});
    responses.push_back({final, "ok"});
  }
  run([&](Inside&) {
    Talk talk;
    for (std::size_t i = 0; i < writes.size(); ++i) {
      pass(talk.client.get(), talk.server.get(), requests[i].head);
      for (const std::string& bytes : writes[i]) pass(talk.server.get(), talk.client.get(), bytes);
    }
  });
  expect_exchange(events(), requests, responses);
}

TEST_P(Exchange, NothingAfterSwitchingProtocols) {
  const std::string answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n";
  run([&](Inside&) {
    Talk talk;
    pass(talk.client.get(), talk.server.get(), request_head(80));
    pass(talk.server.get(), talk.client.get(), answer);
    pass(talk.client.get(), talk.server.get(), request_head(80));
  });
  expect_exchange(events(), {{request_head(80), request_head(80)}}, {{answer, ""}});
  EXPECT_EQ(events().data_events(), 4u);
}

// Body bytes that look like words, or like a method, are no requests.
TEST_P(Exchange, BodyOfARequestInLaterCalls) {
  const std::string head = "POST / HTTP/1.1\r\nContent-Length: 41\r\n\r\n";
  const std::vector<std::string> body = {"username=somebody&more=1", "ABCDEFGH", "OK", "xyz", "1234"};
  const std::vector<Message> requests = {{head, "username=somebody&more=1ABCDEFGHOKxyz1234"}, {request_head(90), ""}};
  const std::vector<Message> responses = {{response_head(90), ""}, {response_head(90), ""}};
  run([&](Inside&) {
    Talk talk;
    pass(talk.client.get(), talk.server.get(), head);
    for (const std::string& part : body) pass(talk.client.get(), talk.server.get(), part);
    pass(talk.server.get(), talk.client.get(), responses[0].head);
    pass(talk.client.get(), talk.server.get(), requests[1].head);
    pass(talk.server.get(), talk.client.get(), responses[1].head);
  });
  expect_exchange(events(), requests, responses);
  EXPECT_EQ(events().data_events(), 8u);
}

TEST_P(Exchange, BodyThatReadsLikeARequestIsForgottenAfterFourThatCameAlone) {
  const std::string lure = "POST / HTTP/1.1\r\nContent-Length: 90\r\n\r\n", body(20'000, 'b');
  run([&](Inside&) {
    Talk talk;
    const auto answer = [&] { pass(talk.server.get(), talk.client.get(), response_head(90)); };
    pass(talk.client.get(), talk.server.get(), lure);
    pass(talk.client.get(), talk.server.get(), request_head(90));
    answer();
    for (int alone = 0; alone < 4; ++alone) {
      pass(talk.client.get(), talk.server.get(), request_head(80));
      answer();
    }
    pass(talk.server.get(), talk.client.get(), body);
    pass(talk.client.get(), talk.server.get(), request_head(70) + request_head(60));  // pipelined after all
    answer();
    answer();
  });
  for (connection_role role : {ROLE_SERVER, ROLE_CLIENT}) {
    SCOPED_TRACE(role == ROLE_SERVER ? "server" : "client");
    const End* end = events().end_of(role);
    ASSERT_NE(end, nullptr);
    std::string all;
    for (const Data& data : end->data) all += data.bytes;
    EXPECT_EQ(all.find("bbb"), std::string::npos) << "the body left the kernel";
    EXPECT_NE(all.find(request_head(70) + request_head(60)), std::string::npos);
    EXPECT_EQ(std::count_if(end->data.begin(), end->data.end(), [](const Data& data) { return data.bytes == response_head(90); }), 7);
  }
}

TEST_P(Exchange, LastChunkLeavesAsATail) {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::vector<std::vector<std::string>> endings = {
      {"5\r\nhello\r\n0\r\n\r\n"}, {"5\r\nhello\r\n", "0\r\n\r\n"}, {"5\r\nhello", "\r\n0\r\n\r\n"}};
  run([&](Inside&) {
    Talk talk;
    for (const auto& parts : endings) {
      pass(talk.client.get(), talk.server.get(), request_head(80));
      pass(talk.server.get(), talk.client.get(), head);
      pass(talk.server.get(), talk.client.get(), "4\r\n0123\r\n");
      for (const auto& part : parts) {
        if (part == "0\r\n\r\n") {  // as Node writes it: in a vector
          send_parts(talk.server.get(), {"", "0\r\n\r\n"});
          receive(talk.client.get(), part.size());
        } else {
          pass(talk.server.get(), talk.client.get(), part);
        }
      }
    }
  });
  for (connection_role role : {ROLE_SERVER, ROLE_CLIENT}) {
    SCOPED_TRACE(role == ROLE_SERVER ? "written" : "read");
    const End* end = events().end_of(role);
    ASSERT_NE(end, nullptr);
    const std::uint32_t first = 1 + (role == ROLE_SERVER ? end->reports[0].isn_own : end->reports[0].isn_peer);
    std::vector<std::uint32_t> tails;
    for (const Data& data : end->data) {
      if (data.kind != DATA_TAIL) continue;
      EXPECT_EQ(data.bytes.substr(data.bytes.size() - 5), "0\r\n\r\n");
      tails.push_back(data.seq - first + static_cast<std::uint32_t>(data.bytes.size()));
    }
    const auto message = static_cast<std::uint32_t>(head.size() + 9 + 15);
    EXPECT_EQ(tails, (std::vector<std::uint32_t>{message, 2 * message, 3 * message}));
  }
}

}  // namespace
}  // namespace suture::kernel_test
