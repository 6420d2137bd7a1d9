// What a process is comes later than what it does.
#include "wire.h"

#include <optional>
#include <utility>

namespace suture::test {
namespace {

/// Knows at once that everything is Python, and the rest when the test says so.
class LateFacts final : public FactsSource {
 public:
  std::optional<ProcessFacts> look(const ProcessKey& process) override { return facts_of(process, ""); }
  bool ask(const ProcessKey& process, std::uint64_t question) override {
    asked_.push_back({process, question, std::nullopt});
    return true;
  }
  std::vector<Answer> take() override { return std::exchange(answers_, {}); }

  void answer(const ProcessKey& process, const char* service) {
    for (Answer& question : asked_)
      if (question.process == process) answers_.push_back({process, question.question, facts_of(process, service)});
  }

 private:
  static ProcessFacts facts_of(const ProcessKey& process, const char* service) {
    ProcessFacts facts;
    facts.pid = process.tgid;
    facts.start_ns = process.start_ns;
    facts.exe = "/usr/bin/python3";
    facts.otel_service_name = service;
    return facts;
  }

  std::vector<Answer> asked_, answers_;
};

TEST(PipelineFacts, ASpanWaitsForTheNameOfItsProcessAndForNoOther) {
  LateFacts facts;
  Wire wire({}, &facts);
  wire.wait(100 * kMs);
  exchange(wire.connect(), "/a");
  EXPECT_EQ(wire.seen(), "");
  EXPECT_EQ(wire.pipeline.held(), 2u);
  facts.answer(kCurl, "shell");
  wire.wait(100 * kMs);
  EXPECT_EQ(wire.services, std::vector<std::string>{"shell"});
  facts.answer(kShop, "shop");
  wire.wait(100 * kMs);
  EXPECT_EQ(wire.services, (std::vector<std::string>{"shell", "shop"}));
  exchange(wire.connect(), "/b");
  EXPECT_EQ(wire.services.size(), 4u) << "of a process that is known nothing waits";
  EXPECT_EQ(wire.pipeline.waiting_room().counters().spans_unnamed.get(), 0u);
}

TEST(PipelineFacts, ANameThatDoesNotComeIsNotWaitedForLongerThanASecond) {
  LateFacts facts;
  Wire wire({}, &facts);
  wire.wait(100 * kMs);
  exchange(wire.connect(), "/a");
  wire.wait(900 * kMs);
  EXPECT_EQ(wire.spans.size(), 0u);
  wire.wait(200 * kMs);
  EXPECT_EQ(wire.services, (std::vector<std::string>{"unknown_service:python3", "unknown_service:python3"}));
  EXPECT_EQ(wire.pipeline.waiting_room().counters().spans_unnamed.get(), 2u);
  exchange(wire.connect(), "/b");
  EXPECT_EQ(wire.spans.size(), 4u) << "the wait is over for all that the process does";
  facts.answer(kShop, "shop");
  wire.wait(100 * kMs);
  exchange(wire.connect(), "/c");
  EXPECT_EQ(wire.services.at(4), "shop");
}

TEST(PipelineFacts, NothingWaitsBeyondTheEnd) {
  LateFacts facts;
  Wire wire({}, &facts);
  exchange(wire.connect(), "/a");
  wire.pipeline.finish();
  EXPECT_EQ(wire.spans.size(), 2u);
  EXPECT_EQ(wire.pipeline.held(), 0u);
}

TEST(PipelineFacts, AnEdgeWaitsToo) {
  LateFacts facts;
  Wire wire({}, &facts);
  wire.wait(100 * kMs);
  Socket& client = wire.connect();
  client.send("\x16\x03\x01 hello");
  client.peer().send("\x16\x03\x03 hello");
  client.close(), client.peer().close(), client.gone(), client.peer().gone();
  EXPECT_EQ(wire.edges.size(), 0u);
  facts.answer(kCurl, "shell"), facts.answer(kShop, "shop");
  wire.wait(100 * kMs);
  EXPECT_EQ(wire.edge_services, (std::vector<std::string>{"shell", "shop"}));
}

}  // namespace
}  // namespace suture::test
