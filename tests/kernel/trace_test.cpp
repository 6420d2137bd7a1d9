// Where contexts are written onto the wire: what the kernel knows of a request's trace.
#include <algorithm>
#include <string>

#include "kernel_test.h"

namespace suture::kernel_test {
namespace {

class Trace : public KernelTest {
 protected:
  Status attach_more(Probe& probe) override { trace_settings settings{};
    settings.id_key[0] = 1;
    settings.id_key[1] = 2;
    return probe.follow_traces(settings); }
  void before_run(pid_t pid) override {
    if (chosen_) probe_->set_traced(static_cast<std::uint32_t>(pid), TRACE_BY_THREAD);
  }
  bool chosen_ = true;
};
INSTANTIATE_TEST_SUITE_P(, Trace, ::testing::Values(HookChoice::SendmsgLocked, HookChoice::SockLength), mechanism_name);

std::string request_with(const std::string& fields) { return "GET /a HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n"; }

constexpr const char* kContext = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n";

void serve(const std::string& request) {
  Talk talk;
  pass(talk.client.get(), talk.server.get(), request);
}

TEST_P(Trace, BeginsWithARequestThatHasNoContext) {
  run([](Inside&) {
    Talk talk;
    for (int i = 0; i < 2; ++i) {
      pass(talk.client.get(), talk.server.get(), request_with(""));
      pass(talk.server.get(), talk.client.get(), "HTTP/1.1 204 No Content\r\n\r\n");
    }
  });
  ASSERT_EQ(events().traces().size(), 2u);
  const End* const server = events().end_of(ROLE_SERVER);
  ASSERT_NE(server, nullptr);
  for (std::size_t i = 0; i < 2; ++i) {
    const event_trace& trace = events().traces()[i];
    EXPECT_EQ(trace.what, TRACE_BEGUN);
    EXPECT_EQ(trace.connection, server->last().connection);
    EXPECT_EQ(trace.seq, server->data[2 * i].seq);
    EXPECT_EQ(trace.trace_flags, 3);
    EXPECT_NE(std::string(trace.trace_id, trace.trace_id + 16), std::string(16, '\0'));
  }
  EXPECT_FALSE(std::equal(std::begin(events().traces()[0].trace_id), std::end(events().traces()[0].trace_id), events().traces()[1].trace_id));
}

TEST_P(Trace, IsNotBegunWhereThereMayBeAContext) {
  run([](Inside&) {
    serve(request_with(kContext));
    serve(request_with("x: " + std::string(3000, 'x') + "\r\n" + kContext));
    serve(request_with(kContext + std::string(kContext)));
    serve(request_with("TraceParent : 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"));
    serve(request_with("TRACEPARENT: of no version\r\n"));
    serve(request_with("x: " + std::string(SUTURE_TRACE_HEAD, 'x') + "\r\n"));  // not known: too long to look at
    serve("GET /a HTTP/1.1\nHost: a\n\n");
  });
  EXPECT_EQ(events().traces().size(), 0u);
}

TEST_P(Trace, IsNobodysBusinessInOtherProcesses) {
  chosen_ = false;
  run([](Inside&) { serve(request_with("")); });
  EXPECT_EQ(events().data_events(), 2u);
  EXPECT_EQ(events().traces().size(), 0u);
}

}  // namespace
}  // namespace suture::kernel_test
