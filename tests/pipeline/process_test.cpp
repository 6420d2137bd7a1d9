// Whose exchange it is, and whether it is wanted.
#include "wire.h"

namespace suture::test {
namespace {

PipelineOptions excluding(std::uint32_t pid) {
  PipelineOptions options;
  options.filter.exclude.pids = {pid};
  return options;
}

TEST(PipelineProcess, ASpanBelongsToTheProcessThatReadTheRequest) {
  Wire wire;
  Socket& client = wire.connect();
  const ProcessKey worker{201, 60}, other_worker{202, 61};
  client.peer().used_by(worker);  // accepted by the master
  exchange(client, "/a");
  client.peer().used_by(other_worker);
  exchange(client, "/b");
  ASSERT_EQ(wire.spans.size(), 4u);
  EXPECT_EQ(wire.spans[0].process, worker);
  EXPECT_EQ(wire.spans[1].process, kCurl);
  EXPECT_EQ(wire.spans[2].process, other_worker);
}

TEST(PipelineProcess, ANumberThatIsReusedIsAnotherProcess) {
  Wire wire;
  const ProcessKey first{300, 10}, second{300, 20};
  Socket& before = wire.connect(kCurl, first);
  exchange(before);
  wire.exit(first);
  Socket& after = wire.connect(kCurl, second);
  exchange(after);
  EXPECT_EQ(wire.spans.at(0).process, first);
  EXPECT_EQ(wire.spans.at(2).process, second);
}

TEST(PipelineProcess, ADescriptorThatIsReusedIsAnotherConnection) {
  Wire wire;
  Socket& first = wire.connect();
  first.send(get("/first"));  // never answered
  first.close(), first.peer().close(), first.gone(), first.peer().gone();
  Socket& second = wire.connect();
  exchange(second, "/second");
  EXPECT_EQ(wire.settled(),
            "client GET /first connection_closed root\nserver GET /first connection_closed under client GET /first\n"
            "server GET /second 204 under client GET /second\nclient GET /second 204 root\n");
}

TEST(PipelineProcess, AnExcludedClientLeavesARootBehind) {
  Wire wire(excluding(kCurl.tgid));
  exchange(wire.connect());
  EXPECT_EQ(wire.settled(), "server GET /a 204 root\n");
  EXPECT_EQ(wire.pipeline.joiner().counters().dropped_excluded.get(), 1u);
  EXPECT_EQ(wire.denied, std::vector<std::uint32_t>{kCurl.tgid});
}

TEST(PipelineProcess, AnExcludedServerIsCountedAndDeniedOnce) {
  Wire wire(excluding(kShop.tgid));
  Socket& client = wire.connect();
  exchange(client, "/a");
  exchange(client, "/b");
  EXPECT_EQ(wire.settled(), "client GET /a 204 root\nclient GET /b 204 root\n");
  EXPECT_EQ(wire.pipeline.joiner().counters().dropped_excluded.get(), 2u);
  EXPECT_EQ(wire.denied, std::vector<std::uint32_t>{kShop.tgid});
}

TEST(PipelineProcess, IsJudgedAgainByWhatItExecutes) {
  PipelineOptions options;
  options.filter.exclude.executables = {"noisy"};
  Wire wire(std::move(options));
  wire.exec(kShop, "/usr/bin/noisy");
  Socket& client = wire.connect();
  client.unobserved();
  exchange(client, "/a");
  wire.exec(kShop, "/usr/bin/quiet");
  exchange(client, "/b");
  EXPECT_EQ(wire.settled(), "server GET /b 204 root\n");
}

TEST(PipelineProcess, PortsAreThoseOfTheServingEnd) {
  for (const bool include : {false, true}) {
    PipelineOptions options;
    (include ? options.filter.include : options.filter.exclude).ports = {8080};
    Wire wire(std::move(options));
    exchange(wire.connect(kCurl, kShop, 8080), "/8080");
    exchange(wire.connect(kCurl, kShop, 9090), "/9090");
    const std::string kept = include ? "/8080" : "/9090";
    EXPECT_EQ(wire.settled(),
              "server GET " + kept + " 204 under client GET " + kept + "\nclient GET " + kept + " 204 root\n");
    EXPECT_EQ(wire.pipeline.joiner().counters().dropped_excluded.get(), 2u);
    EXPECT_TRUE(wire.denied.empty());  // a port says nothing of the process
  }
}

// `suture run -- CMD`

class PipelineCommand : public ::testing::Test {
 protected:
  static constexpr ProcessKey kAgent{50, 1}, kCommand{51, 2}, kChild{52, 3}, kOutsider{53, 4};

  static PipelineOptions options() {
    PipelineOptions options;
    options.command_parent = kAgent.tgid;
    return options;
  }
  PipelineCommand() : wire(options()) {
    wire.fork(kAgent, kCommand);
    wire.fork(kCommand, kChild);
  }

  Wire wire;
};

TEST_F(PipelineCommand, ShowsWhatTheCommandAndItsChildrenCause) {
  exchange(wire.connect(kChild, kShop), "/by/child");
  exchange(wire.connect(kOutsider, kShop), "/by/outsider");
  EXPECT_EQ(wire.settled(), "server GET /by/child 204 under client GET /by/child\nclient GET /by/child 204 root\n");
  EXPECT_EQ(wire.pipeline.joiner().forest_counters().dropped_outside.get(), 2u);
}

TEST_F(PipelineCommand, AServerIsSeenFromItsOwnEnd) {
  exchange(wire.connect(kOutsider, kCommand));
  EXPECT_EQ(wire.settled(), "server GET /a 204 root\n");
}

TEST_F(PipelineCommand, ANumberThatIsReusedIsNotTheCommands) {
  wire.exit(kChild);
  const ProcessKey reused{kChild.tgid, 99};
  exchange(wire.connect(reused, kShop));
  EXPECT_EQ(wire.settled(), "");
}

}  // namespace
}  // namespace suture::test
