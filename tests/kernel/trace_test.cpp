// Where contexts are written onto the wire: what the kernel knows of a request's trace, and what it writes.
#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "asking.h"
#include "kernel/cgroup_root.h"
#include "kernel/header_self_test.h"
#include "kernel_test.h"
#include "trace/span_id.h"
#include "trace/written_contexts.h"

namespace suture::kernel_test {
namespace {

class Trace : public KernelTest {
 protected:
  Status attach_more(Probe& probe) override { return probe.follow_traces(settings_with(kKey)); }
  void before_run(pid_t pid) override {
    if (chosen_) probe_->set_traced(static_cast<std::uint32_t>(pid), TRACE_BY_THREAD);
  }
  bool chosen_ = true;
};
FOR_EACH_MECHANISM_THAT(Trace, hooks != HookChoice::SysExit);

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
    serve(request_with("TraceParent : 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"));
    serve(request_with("x: " + std::string(SUTURE_TRACE_HEAD, 'x') + "\r\n"));  // not known: too long to look at
    serve("GET /a HTTP/1.1\nHost: a\n\n");
  });
  EXPECT_EQ(events().traces().size(), 0u);
}

TEST_P(Trace, BeginsWhereTheContextIsInvalid) {
  run([](Inside&) {
    serve(request_with(kContext + std::string(kContext)));
    serve(request_with("TRACEPARENT: of no version\r\n"));
  });
  EXPECT_EQ(events().traces().size(), 2u);
}

TEST_P(Trace, IsNobodysBusinessInOtherProcesses) {
  chosen_ = false;
  run([](Inside&) { serve(request_with("")); });
  EXPECT_EQ(events().data_events(), 2u);
  EXPECT_EQ(events().traces().size(), 0u);
}

class Header : public Trace {
 protected:
  Status attach_more(Probe& probe) override {
    auto cgroup = open_cgroup_root();
    if (!cgroup) return Error{cgroup.error()};
    if (Status follows = probe.follow_traces(settings_with(kKey)); !follows) return follows;
    return probe.write_headers(cgroup->get());
  }
};
FOR_EACH_MECHANISM_THAT(Header, hooks == HookChoice::SendmsgLocked || hooks == HookChoice::SockLength);

TEST_P(Header, IsWhatThisKernelCanDo) {
  auto cgroup = open_cgroup_root();
  ASSERT_TRUE(cgroup.ok());
  const Status tested = header_self_test(hooks(), cgroup->get());
  EXPECT_TRUE(tested.ok()) << tested.error();
}

TEST_P(Header, NamesTheSpanThatTheAgentExports) {
  run([](Inside&) {
    Service service(request_with(kContext));
    for (int i = 0; i < 2; ++i) {
      const Talk talk = service.asked();
      send_all(talk.client.get(), request_with(""));
      const std::string seen = receive(talk.server.get(), request_with("").size() + 70);
      need(seen.find("\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-") == 15, "the header stands behind the first line");
      pass(talk.server.get(), talk.client.get(), kAnswer);
    }
  });
  std::vector<event_trace> written;
  for (const event_trace& trace : events().traces())
    if (trace.what == TRACE_WRITTEN) written.push_back(trace);
  ASSERT_EQ(written.size(), 2u);
  for (const event_trace& trace : written) {
    EXPECT_EQ(to_hex(WrittenContexts::trace_of(trace)), "0af7651916cd43dd8448eb211c80319c");
    EXPECT_EQ(trace.trace_flags, 1);
    EXPECT_EQ(trace.inserted_at, 17);
    ASSERT_EQ(events().ends().count(trace.connection), 1u);
    const End& client = events().ends().at(trace.connection);
    EXPECT_EQ(WrittenContexts::span_of(trace), derive_span_id(kKey, client.last().isn_own, client.last().isn_peer, 0, SpanKind::Client));
    EXPECT_EQ(client.data[0].seq, trace.seq);
    EXPECT_EQ(client.data[0].bytes, request_with(""));
  }
  EXPECT_EQ(count(TRACE_COUNT_WRITTEN), 2u);
  EXPECT_EQ(count(TRACE_COUNT_ENTERED), 2u);
  EXPECT_EQ(count(TRACE_COUNT_LEFT), 2u);
}

TEST_P(Header, HandsOnTheTraceState) {
  const std::string fits = "a=" + std::string(200, 'x') + ",b=" + std::string(250, 'y'), longer = fits + ",c=" + std::string(100, 'z');
  struct {
    std::string fields, handed_on;
  } const cases[] = {{"TraceState:a=1\r\n", "tracestate:a=1\r\n"},
                     {"tracestate: " + fits + "\r\n", "tracestate:" + fits + "\r\n"},
                     {"tracestate:" + longer + "\r\n", "tracestate:" + fits + "\r\n"},  // without the member that does not fit
                     {"tracestate: " + std::string(256, 'k') + "=" + std::string(256, 'v') + "\r\n", ""},
                     {"tracestate: a=1,B=2\r\n", ""},  // void, and so nothing is left out
                     {"tracestate: a=1 \r\ntracestate:\t b=2, a=3\r\n", "tracestate:a=1,b=2\r\n"}};
  run([&](Inside&) {
    for (const auto& each : cases) {
      Service service(request_with(kContext + each.fields));
      for (const bool own : {false, true}) {
        const std::string request = request_with(own ? "tracestate: own=1\r\n" : "");
        const std::string handed_on = own ? "" : each.handed_on;
        const Talk talk = service.asked();
        send_all(talk.client.get(), request);
        const std::string seen = receive(talk.server.get(), request.size() + SUTURE_TRACE_LINE + handed_on.size());
        need(seen.substr(17 + SUTURE_TRACE_LINE) == handed_on + request.substr(17), "the tracestate stands behind the traceparent");
        pass(talk.server.get(), talk.client.get(), kAnswer);
      }
    }
  });
  EXPECT_EQ(count(TRACE_COUNT_WRITTEN), 12u);
  EXPECT_EQ(count(TRACE_COUNT_STATE_LEFT), 1u);
  const std::vector<event_trace> written = events().traces(TRACE_WRITTEN);
  ASSERT_EQ(written.size(), 12u);
  EXPECT_EQ(written[0].inserted_bytes, SUTURE_TRACE_LINE + cases[0].handed_on.size());
  EXPECT_EQ(written[1].inserted_bytes, SUTURE_TRACE_LINE);
}

TEST_P(Header, LeavesSocketsAloneThatEndWithoutASend) {
  run([](Inside&) {
    Service service(request_with(""));
    Talk talk = service.asked();
    talk.client.reset();
    need(receive_to_end(talk.server.get()).empty(), "nothing was sent");
  });
  EXPECT_EQ(count(TRACE_COUNT_ENTERED), 1u);
  EXPECT_TRUE(drain_until([&] { return count(TRACE_COUNT_LEFT) == 1; }));
}

TEST_P(Header, IsNotWrittenIntoARequestThatIsShed) {
  Child child([](Inside& inside) {
    inside.step();
    Service service(request_with(""));
    const Talk talk = service.asked();
    inside.step();
    pass(talk.client.get(), talk.server.get(), request_with(""));
  });
  events().watch(child.pid());
  await_step(child);
  before_run(child.pid());
  child.go();
  await_step(child);
  shed(true);
  child.go();
  finish(child);
  EXPECT_EQ(count(TRACE_COUNT_ENTERED), 1u);
  EXPECT_EQ(count(TRACE_COUNT_WRITTEN), 0u);
  EXPECT_EQ(count(TRACE_COUNT_REFUSED), 1u);
}

TEST_P(Header, IsForNobodyOnceTheAnswerHasBegun) {
  run([](Inside&) {
    Service service(request_with(""));
    const Talk before = service.asked();
    service.answer();
    pass(before.client.get(), before.server.get(), request_with(""));
  });
  EXPECT_EQ(count(TRACE_COUNT_WRITTEN), 0u);
  EXPECT_EQ(count(TRACE_COUNT_ANSWERED), 1u);
}

TEST_P(Header, IsForNobodyWhereAnotherThreadSends) {
  run([](Inside&) {
    Service service(request_with(""));
    const Talk talk = service.asked();
    std::thread([&] { send_all(talk.client.get(), request_with("")); }).join();
    receive(talk.server.get(), request_with("").size());
  });
  EXPECT_EQ(count(TRACE_COUNT_WRITTEN), 0u);
  EXPECT_EQ(count(TRACE_COUNT_NOT_EXACT), 1u);
}

TEST_P(Header, IsNotWrittenIntoWhatIsNoWholeHead) {
  run([](Inside&) {
    for (const std::string& bytes : {request_with(kContext), std::string("GET /a HTTP/1.1\r\nHost: a"), std::string("\x16\x03\x01 GET /a HTTP/1.1\r\n\r\n"),
                                     std::string("CONNECT a:1 HTTP/1.1\r\n\r\n"), std::string("GET /a HTTP/1.1\nHost: a\n\n")}) {
      Service service(request_with(""));
      const Talk talk = service.asked();
      send_all(talk.client.get(), bytes);
      need(receive(talk.server.get(), bytes.size()) == bytes, "nothing is changed");
      pass(talk.server.get(), talk.client.get(), kAnswer);
    }
  });
  EXPECT_EQ(count(TRACE_COUNT_WRITTEN), 0u);
  EXPECT_EQ(count(TRACE_COUNT_HAS_CONTEXT), 1u);
  EXPECT_EQ(count(TRACE_COUNT_NO_HEAD), 4u);
}

}  // namespace
}  // namespace suture::kernel_test
