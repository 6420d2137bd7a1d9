// The doctor of propagation, from bytes and witnesses to its sentences.
#include "wire.h"

namespace suture::test {
namespace {

const std::string kCame = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00\r\n";
const std::string kHandedOn = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000001-00\r\n";

/// A request with `came` makes the shop send one with `sent` to port 9090.
void relay(Wire& wire, const std::string& came, const std::string& sent) {
  Socket& in = wire.connect();
  in.send(get("/orders/4711", came));
  Socket& out = wire.connect(kShop, {300, 7}, 9090);
  out.send(get("/stock", sent));
  wire.works_for(out, in.peer());
  out.peer().send(kNoContent);
  in.peer().send(kNoContent);
}

TEST(PipelinePropagation, TellsOfTheLivingAndOfThoseThatEnded) {
  Wire wire;
  wire.exec(kShop, "/usr/bin/shop");
  for (int i = 0; i < 2; ++i) relay(wire, kCame, "");
  wire.settled();
  const auto said_of = [&](std::string_view whom) {
    return "no service is seen to drop the trace context\ncannot tell whether " + std::string(whom) +
           " passes the context on to 127.0.0.1:9090 yet: 2 of 2 linked requests did not; 73 of one kind would tell\n";
  };
  std::string said = wire.pipeline.propagation_report(ReportForm::Text, 100'000);
  EXPECT_TRUE(said.starts_with(said_of("shop (pid 200)"))) << said;
  wire.exit(kShop);
  wire.wait(100 * kMs);
  said = wire.pipeline.propagation_report(ReportForm::Text, 100'000);
  EXPECT_TRUE(said.starts_with(said_of("shop (ended)"))) << said;
}

TEST(PipelinePropagation, CountsByRouteAndPeer) {
  Wire wire;
  wire.exec(kShop, "/usr/bin/shop");
  relay(wire, kCame, kHandedOn);
  relay(wire, "", "");
  wire.settled();
  for (const PropagationRow& row : wire.pipeline.propagation_rows()) {
    if (row.service != "shop") continue;
    EXPECT_EQ(row.route, "GET /orders/{id}");
    EXPECT_EQ(row.peer, "127.0.0.1:9090");
    EXPECT_EQ(row.received.with, 1u);
    EXPECT_EQ(row.received.without, 1u);
    EXPECT_EQ(row.sent[PropagationState::Passed], 1u);
    EXPECT_EQ(row.sent[PropagationState::Without], 1u);
    return;
  }
  FAIL() << "the shop has no row";
}

TEST(PipelinePropagation, LeavesOutWhatTheFilterExcludes) {
  PipelineOptions options;
  options.filter.exclude.pids = {kShop.tgid};
  Wire wire(std::move(options));
  wire.exec(kShop, "/usr/bin/shop");
  relay(wire, kCame, "");
  wire.settled();
  for (const PropagationRow& row : wire.pipeline.propagation_rows()) EXPECT_NE(row.service, "shop");
}

}  // namespace
}  // namespace suture::test
