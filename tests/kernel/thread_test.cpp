// Threads that are started while a request is worked on.
#include <sys/prctl.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "kernel_test.h"

namespace suture::kernel_test {
namespace {

class Threads : public KernelTest {
 protected:
  /// What the kernel tells of the request that was sent last.
  const event_witness& sent() { return events().witnesses().back(); }
  /// What the kernel tells of the response that begins with these bytes: is it to the request that its thread works on?
  std::uint16_t context_of(std::string_view response) {
    std::vector<std::uint16_t> found;
    for (const auto& [id, end] : events().ends())
      for (const Data& data : end.data)
        if (data.direction == DIRECTION_SEND && data.bytes.starts_with(response)) found.push_back(data.flags & (DATA_CONTEXT_SAME | DATA_CONTEXT_OTHER));
    EXPECT_EQ(found.size(), 1u);
    return found.empty() ? 0 : found[0];
  }
};
FOR_EACH_MECHANISM(Threads);

TEST_P(Threads, AreStartedForTheRequestThatTheirStarterHasRead) {
  run([](Inside&) {
    Talk service, backend;
    pass(service.client.get(), service.server.get(), kRequest);
    std::thread([&] { std::thread([&] { send_all(backend.client.get(), kRequest); }).join(); }).join();  // by a thread between
    receive(backend.server.get(), kRequest.size());
  });
  ASSERT_EQ(events().witnesses().size(), 2u);
  EXPECT_EQ(sent().header.flags, WITNESS_STARTED);
  ASSERT_EQ(events().ends().count(sent().thread.connection), 1u);
  const End& read = events().ends().at(sent().thread.connection);
  EXPECT_EQ(read.last().role, ROLE_SERVER);
  EXPECT_EQ(read.data[0].seq, sent().thread.seq);
  ASSERT_EQ(events().thread_exits().size(), 1u);  // only of the one that has sent
  EXPECT_EQ(events().thread_exits()[0].tid, sent().tid);
  EXPECT_EQ(events().thread_exits()[0].tgid, sent().tgid);
  EXPECT_EQ(events().thread_exits()[0].header.flags, THREAD_GONE);
}

TEST_P(Threads, WorkOnWhatTheyReadThemselves) {
  run([](Inside&) {
    Talk service, own, backend;
    send_all(own.client.get(), kRequest);
    pass(service.client.get(), service.server.get(), kRequest);
    std::thread([&] {
      receive(own.server.get(), kRequest.size());
      send_all(backend.client.get(), kRequest);
    }).join();
    receive(backend.server.get(), kRequest.size());
  });
  ASSERT_EQ(events().witnesses().size(), 3u);
  EXPECT_EQ(sent().header.flags, 0);
  EXPECT_TRUE(events().thread_exits().empty());
}

TEST_P(Threads, OpenAConnectionForOneOfSeveralRequestsAndForNoOther) {
  run([](Inside&) {
    Talk service, other;
    pass(service.client.get(), service.server.get(), std::string(kRequest) + std::string(kRequest));
    Talk backend;
    pass(other.client.get(), other.server.get(), kRequest);
    send_all(backend.client.get(), kRequest);
    receive(backend.server.get(), kRequest.size());
  });
  EXPECT_NE(sent().thread.connection, 0u);
  EXPECT_EQ(sent().bound.connection, 0u);
  EXPECT_NE(sent().bound.seq, 0u);
}

TEST_P(Threads, KeepTheirRequestWhereABodyReadsLikeAnother) {
  static const std::string body = "GET /b HTTP/1.1\r\nHost: b\r\n\r\n", length = "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  static const std::string post = "POST / HTTP/1.1\r\n" + length + body, head = "HTTP/1.1 200 OK\r\n" + length;
  run([](Inside&) {
    Talk service, backend;
    pass(service.client.get(), service.server.get(), kRequest);
    std::thread other([&] {
      receive(backend.server.get(), post.size());
      send_all(backend.server.get(), head + body);
    });
    send_all(backend.client.get(), post);
    need(receive(backend.client.get(), head.size()) == head, "the head by itself");
    need(receive(backend.client.get(), body.size()) == body, "and then the body");
    other.join();
    send_all(service.server.get(), "HTTP/1.1 204 No Content\r\n\r\n");
  });
  EXPECT_EQ(context_of("HTTP/1.1 204"), DATA_CONTEXT_SAME);
}

TEST_P(Threads, DoNotTakeWhatTheyHaveAnsweredForWhatTheyAnswerNow) {
  run([](Inside&) {
    Talk mine, read_by_another, open;
    pass(mine.client.get(), mine.server.get(), kRequest);
    std::thread([&] { pass(read_by_another.client.get(), read_by_another.server.get(), kRequest); }).join();
    send_all(mine.server.get(), "HTTP/1.1 204 No Content\r\n\r\n");
    send_all(read_by_another.server.get(), "HTTP/1.1 205 Reset Content\r\n\r\n");
    std::thread([&] { pass(open.client.get(), open.server.get(), kRequest); }).join();
    pass(mine.client.get(), mine.server.get(), kRequest);
    send_all(open.server.get(), "HTTP/1.1 206 Partial Content\r\n\r\n");
  });
  EXPECT_EQ(context_of("HTTP/1.1 204"), DATA_CONTEXT_SAME);
  EXPECT_EQ(context_of("HTTP/1.1 205"), 0);
  EXPECT_EQ(context_of("HTTP/1.1 206"), DATA_CONTEXT_OTHER);
}

TEST_P(Threads, OfNginxGoOnWithTheRequestWhoseAnswerEndsByAClose) {
  run([](Inside&) {
    const auto serve = [](std::string_view status) {
      Talk service, other;
      pass(service.client.get(), service.server.get(), kRequest);
      Talk backend;
      pass(backend.client.get(), backend.server.get(), kRequest);
      pass(backend.server.get(), backend.client.get(), "HTTP/1.0 200 OK\r\n\r\n");
      pass(other.client.get(), other.server.get(), kRequest);
      backend.server.reset();
      need(receive_to_end(backend.client.get()).empty(), "nothing but the end");
      send_all(service.server.get(), std::string(status) + "\r\n\r\n");
    };
    ::prctl(PR_SET_NAME, "nginx-like");
    serve("HTTP/1.1 201 Created");
    ::prctl(PR_SET_NAME, "nginx");
    serve("HTTP/1.1 204 No Content");
  });
  EXPECT_EQ(context_of("HTTP/1.1 201"), DATA_CONTEXT_OTHER);  // it may be an idle connection of a pool that is tried
  EXPECT_EQ(context_of("HTTP/1.1 204"), DATA_CONTEXT_SAME);
}

}  // namespace
}  // namespace suture::kernel_test
