// The TCP option that carries the trace of a request: what is sent, when, and what is read of it.
#include <algorithm>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "asking.h"
#include "kernel/cgroup_root.h"
#include "kernel/option_self_test.h"
#include "kernel_test.h"
#include "trace/written_contexts.h"

namespace suture::kernel_test {
namespace {

Status carry(Probe& probe, const trace_settings& settings) {
  auto cgroup = open_cgroup_root();
  if (!cgroup) return Error{cgroup.error()};
  if (Status follows = probe.follow_traces(settings); !follows) return follows;
  return probe.carry_traces(cgroup->get());
}

class Option : public KernelTest {
 protected:
  Status attach_more(Probe& probe) override { return carry(probe, settings()); }
  virtual trace_settings settings() const { return settings_with(kKey); }
  void before_run(pid_t pid) override { probe_->set_traced(static_cast<std::uint32_t>(pid), TRACE_BY_THREAD); }

  /// What was sent of the trace that kContext names; those who call the service are asked by it as well.
  std::vector<event_trace> told(trace_what what) {
    std::vector<event_trace> found = events().traces(what);
    std::erase_if(found, [](const event_trace& trace) { return to_hex(WrittenContexts::trace_of(trace)) != "0af7651916cd43dd8448eb211c80319c"; });
    return found;
  }
};
FOR_EACH_MECHANISM_THAT(Option, sees_send_begin(hooks));

TEST_P(Option, IsWhatThisKernelCanDo) {
  auto cgroup = open_cgroup_root();
  ASSERT_TRUE(cgroup.ok());
  const Status tested = option_self_test(hooks(), cgroup->get());
  EXPECT_TRUE(tested.ok()) << tested.error();
}

TEST_P(Option, ComesBeforeTheRequestThatItIsFor) {
  run([](Inside&) {
    Service service(request_with(kContext));
    const Talk talk = service.asked();
    for (int i = 0; i < 3; ++i) {
      if (i > 0) service.is_asked(request_with(kContext));
      send_all(talk.client.get(), request_with(""));
      need(receive(talk.server.get(), request_with("").size()) == request_with(""), "nothing is changed");
      pass(talk.server.get(), talk.client.get(), kAnswer);
    }
  });
  const std::vector<event_trace> written = told(TRACE_WRITTEN), carried = told(TRACE_CARRIED);
  ASSERT_EQ(written.size(), 3u);
  ASSERT_EQ(carried.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(written[i].seq, carried[i].seq);
    EXPECT_EQ(carried[i].trace_flags, 1);
    const End& client = events().ends().at(written[i].connection);
    const End& server = events().ends().at(carried[i].connection);
    EXPECT_EQ(client.last().role, ROLE_CLIENT);
    EXPECT_EQ(client.data[2 * i].seq, written[i].seq);
    EXPECT_EQ(server.data[2 * i].seq, carried[i].seq);
  }
  EXPECT_EQ(events().late_traces(), 0u);
}

TEST_P(Option, ComesWithTheSegmentThatEndsTheHandshake) {
  run([](Inside&) {
    const Service service(request_with(kContext));
    service.is_asked_at_once(request_with(""));
  });
  EXPECT_EQ(told(TRACE_WRITTEN).size(), 1u);
  EXPECT_EQ(told(TRACE_CARRIED).size(), 1u);
  EXPECT_EQ(events().late_traces(), 0u);
}

TEST_P(Option, TellsTheTraceOnTheFurtherWay) {
  run([](Inside&) {
    const Service service(request_with(kContext));
    const Talk first = service.asked();
    pass(first.client.get(), first.server.get(), request_with(""));  // the thread works on that one now
    const Talk second = service.asked();
    pass(second.client.get(), second.server.get(), request_with(""));
  });
  EXPECT_EQ(told(TRACE_WRITTEN).size(), 2u);
  EXPECT_EQ(told(TRACE_CARRIED).size(), 2u);
}

TEST_P(Option, IsNotForARequestThatHasAContextOrIsNoWholeHead) {
  run([](Inside&) {
    Service service(request_with(kContext));
    for (const std::string& bytes : {request_with(kContext), std::string("GET /a HTTP/1.1\r\nHost: a"), std::string("GET /a HTTP/1.1\nHost: a\n\n"),
                                     std::string("POST /a HTTP/1.1\r\nContent-Length: 70000\r\n\r\n") + std::string(70'000, 'b')}) {
      service.is_asked(request_with(kContext));
      const Talk talk = service.asked();
      std::thread other([&] { receive(talk.server.get(), bytes.size()); });
      send_all(talk.client.get(), bytes);
      other.join();
    }
  });
  EXPECT_EQ(told(TRACE_WRITTEN).size(), 0u);
  EXPECT_EQ(count(TRACE_COUNT_HAS_CONTEXT), 1u + 4u);  // callers
  EXPECT_EQ(count(TRACE_COUNT_NO_HEAD), 2u);
  EXPECT_EQ(count(TRACE_COUNT_TOO_LARGE), 1u);
}

TEST_P(Option, IsForNobodyOnceTheAnswerHasBegun) {
  run([](Inside&) {
    Service service(request_with(kContext));
    const Talk talk = service.asked();
    service.answer();
    pass(talk.client.get(), talk.server.get(), request_with(""));
  });
  EXPECT_EQ(told(TRACE_WRITTEN).size(), 0u);
  EXPECT_EQ(count(TRACE_COUNT_ANSWERED), 1u);
}

TEST_P(Option, LeavesConnectionsAloneThatAreOlder) {
  Child child([](Inside& inside) {
    const Talk talk;
    inside.step();
    const Service service(request_with(kContext));
    pass(talk.client.get(), talk.server.get(), request_with(""));
  });
  events().watch(child.pid());
  await_step(child);
  before_run(child.pid());
  child.go();
  finish(child);
  EXPECT_EQ(told(TRACE_WRITTEN).size(), 0u);
  EXPECT_EQ(count(TRACE_COUNT_OLDER), 1u);
}

TEST_P(Option, IsNotReadByWhoHasAnotherKey) {
  Result<Probe> other = Probe::open(hooks());
  ASSERT_TRUE(other.ok()) << other.error();
  const Status carries = carry(*other, settings_with({{9}}));
  ASSERT_TRUE(carries.ok()) << carries.error();
  other->start();
  run([](Inside&) {
    const Service service(request_with(kContext));
    const Talk talk = service.asked();
    pass(talk.client.get(), talk.server.get(), request_with(""));
  });
  EXPECT_EQ(told(TRACE_CARRIED).size(), 1u);
  const KernelCounters counted = other->counters();
  EXPECT_EQ(counted.count[TRACE_COUNT_READ], 0u);
  EXPECT_EQ(counted.count[TRACE_COUNT_FOREIGN], count(TRACE_COUNT_READ));
}

class OptionElsewhere : public Option {
  trace_settings settings() const override {
    trace_settings settings = settings_with(kKey);
    settings.ports[0] = 1;
    settings.port_count = 1;
    return settings;
  }
};
FOR_EACH_MECHANISM_THAT(OptionElsewhere, sees_send_begin(hooks));

TEST_P(OptionElsewhere, IsOnlyForPortsThatWereAskedFor) {
  run([](Inside&) {
    const Service service(request_with(kContext));
    const Talk talk = service.asked();
    pass(talk.client.get(), talk.server.get(), request_with(""));
  });
  EXPECT_EQ(told(TRACE_WRITTEN).size(), 0u);
  EXPECT_EQ(count(TRACE_COUNT_ENTERED), 0u);
  EXPECT_EQ(count(TRACE_COUNT_OLDER), 0u);
}

}  // namespace
}  // namespace suture::kernel_test
