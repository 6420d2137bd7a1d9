// Heads leave the kernel byte for byte as they were sent, in whatever pieces.
#include "kernel_test.h"
#include "wire/limits.h"

namespace suture::kernel_test {
namespace {

class Heads : public KernelTest {
 protected:
  /// Each message of the client is answered by the server's of the same number.
  void exchange(const std::vector<std::vector<std::string>>& request_parts, const std::string& response) {
    run([&](Inside&) {
      Talk talk;
      for (const auto& parts : request_parts) {
        std::size_t size = 0;
        for (const std::string& part : parts) size += part.size();
        send_parts(talk.client.get(), parts);
        receive(talk.server.get(), size);
        pass(talk.server.get(), talk.client.get(), response);
      }
    });
  }
};
FOR_EACH_MECHANISM(Heads);

const std::string kEmptyAnswer = "HTTP/1.1 204 No Content\r\nServer: s\r\n\r\n";

std::vector<std::string> cut(const std::string& text, const std::vector<std::size_t>& sizes) {
  std::vector<std::string> parts;
  std::size_t at = 0;
  for (std::size_t size : sizes) {
    parts.push_back(text.substr(at, size));
    at += parts.back().size();
  }
  parts.push_back(text.substr(at));
  return parts;
}

TEST_P(Heads, SurviveEveryShapeOfVector) {
  const std::string head = request_head(700);
  const std::vector<std::vector<std::size_t>> shapes = {
      {},               // one part
      {300, 100},       // three
      {1},              // tiny first ones
      {3, 2, 1, 1},
      {0, 7},           // empty ones
      {0, 0, 4, 0, 8, 0},
      {11, 0, 0, 400},
      {13, 1},
      std::vector<std::size_t>(19, 30),  // twenty
      std::vector<std::size_t>(19, 1),
  };
  std::vector<std::vector<std::string>> requests;
  std::vector<Message> sent, answers;
  for (const auto& shape : shapes) {
    requests.push_back(cut(head, shape));
    sent.push_back({head, ""});
    answers.push_back({kEmptyAnswer, ""});
  }
  exchange(requests, kEmptyAnswer);
  expect_exchange(events(), sent, answers);
}

TEST_P(Heads, SurviveEverySize) {
  std::vector<std::vector<std::string>> requests;
  std::vector<Message> sent, answers;
  for (std::size_t size : {32u, 128u, 129u, 256u, 512u, 1023u, 1024u, 1025u, 4096u, 12288u, 16384u}) {
    requests.push_back({request_head(size)});
    sent.push_back({requests.back()[0], ""});
    answers.push_back({kEmptyAnswer, ""});
  }
  exchange(requests, kEmptyAnswer);
  expect_exchange(events(), sent, answers);
  EXPECT_EQ(count(COUNT_HEAD_TOO_LONG), 0u);
}

TEST_P(Heads, AreCutAtSixteenKibibytesAndCounted) {
  const std::string head = request_head(SUTURE_HEAD_MAX + 1);
  exchange({{head}, {request_head(100)}}, kEmptyAnswer);
  settle();
  // The byte beyond the limit is not shown: to the check it is body.
  const std::vector<Message> sent = {{head.substr(0, SUTURE_HEAD_MAX), head.substr(SUTURE_HEAD_MAX)}, {request_head(100), ""}};
  expect_exchange(events(), sent, {{kEmptyAnswer, ""}, {kEmptyAnswer, ""}});
  EXPECT_GE(count(COUNT_HEAD_TOO_LONG), 2u);
}

TEST_P(Heads, SurviveASplitAtEveryByte) {
  const std::string head = "POST /form HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\n";
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n";
  std::vector<Message> requests, answers;
  run([&](Inside&) {
    Talk talk;
    for (std::size_t at = 1; at < head.size(); ++at) {
      pass(talk.client.get(), talk.server.get(), head.substr(0, at));
      pass(talk.client.get(), talk.server.get(), head.substr(at));
      pass(talk.client.get(), talk.server.get(), "username");
      const std::size_t cut_at = at < answer.size() ? at : 1;
      pass(talk.server.get(), talk.client.get(), answer.substr(0, cut_at));
      pass(talk.server.get(), talk.client.get(), answer.substr(cut_at));
      pass(talk.server.get(), talk.client.get(), "abc");
    }
  });
  for (std::size_t at = 1; at < head.size(); ++at) {
    requests.push_back({head, "username"});
    answers.push_back({answer, "abc"});
  }
  expect_exchange(events(), requests, answers);
}

TEST_P(Heads, SurviveAByteAtATime) {
  const std::vector<Message> requests = {{"GET /one HTTP/1.1\r\nHost: a\r\n\r\n", ""}, {"DELETE /two HTTP/1.1\r\nHost: a\r\n\r\n", ""}};
  const std::vector<Message> answers = {{kEmptyAnswer, ""}, {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", "ok"}};
  run([&](Inside&) {
    Talk talk;
    for (std::size_t i = 0; i < requests.size(); ++i) {
      for (char c : text_of({requests[i]})) pass(talk.client.get(), talk.server.get(), std::string(1, c));
      for (char c : text_of({answers[i]})) pass(talk.server.get(), talk.client.get(), std::string(1, c));
    }
  });
  expect_exchange(events(), requests, answers);
}

// The client's next request and the server's last answer go past each other in single bytes.
TEST_P(Heads, SurviveBytesOfBothDirectionsInTurn) {
  const std::vector<Message> requests = {{request_head(60), ""}, {request_head(60), ""}};
  const std::vector<Message> answers = {{response_head(60), ""}};
  run([&](Inside&) {
    Talk talk;
    pass(talk.client.get(), talk.server.get(), requests[0].head);
    for (std::size_t i = 0; i < 60; ++i) {
      pass(talk.server.get(), talk.client.get(), answers[0].head.substr(i, 1));
      pass(talk.client.get(), talk.server.get(), requests[1].head.substr(i, 1));
    }
  });
  expect_exchange(events(), requests, answers);
}

}  // namespace
}  // namespace suture::kernel_test
