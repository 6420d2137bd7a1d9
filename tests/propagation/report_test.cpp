#include "propagation/report.h"

#include "propagating.h"

namespace suture::test {
namespace {

PropagationReport report(const Propagating& p) { return {p.rows(), 0}; }

TEST(PropagationReport, IsATableUnderTheSentences) {
  Propagating p;
  for (int i = 0; i < 80; ++i) p.handles(kOrders, context(1, 1), std::nullopt, "stock:8080", "/orders/7");
  const std::string text = to_text(report(p), 100'000);
  EXPECT_TRUE(text.starts_with("orders (pid 812) receives a context and sends none to stock:8080: 80 of 80 linked requests; it drops the trace context\n\n")) << text;
  EXPECT_TRUE(text.ends_with("SERVICE           ROUTE               IN  TO          PASSED  UNCHANGED  DROPPED  RESTARTED  BEGUN  WITHOUT  UNLINKED  VERDICT\n"
                             "orders (pid 812)  GET /orders/{id}  80/0  stock:8080       0          0       80          0      0        0         0  drops\n")) << text;
}

TEST(PropagationReport, SaysThatNothingIsWrongOrThatNothingIsKnown) {
  Propagating p;
  EXPECT_EQ(to_text(report(p), 100'000), "no request has been received yet: nothing is known of propagation\n");
  for (int i = 0; i < 80; ++i) p.handles(kOrders, context(1, 1), context(1, 2));
  EXPECT_TRUE(to_text(report(p), 100'000).starts_with("no service is seen to drop the trace context\n"));
}

TEST(PropagationReport, IsTheSameForMachines) {
  Propagating p;
  for (int i = 0; i < 80; ++i) p.handles(kOrders, context(1, 1), std::nullopt);
  EXPECT_EQ(to_json({p.rows(), 3}, 100'000),
            R"({"findings":[{"service":"orders","pids":[812],"peer":"stock:8080","drops":"always","restarts":"never",)"
            R"("sent":{"passed":0,"unchanged":0,"dropped":80,"restarted":0,"begun":0,"without":0,"unlinked":0},"routes":[],)"
            R"("sentence":"orders (pid 812) receives a context and sends none to stock:8080: 80 of 80 linked requests; it drops the trace context"}],)"
            R"("rows":[{"service":"orders","pids":[812],"peer":"stock:8080","route":"GET /r","received_with":80,"received_without":0,)"
            R"("sent":{"passed":0,"unchanged":0,"dropped":80,"restarted":0,"begun":0,"without":0,"unlinked":0},"verdict":"drops"}],)"
            R"("rows_left_out":0,"not_followed":3})" "\n");
}

TEST(PropagationReport, FitsIntoItsBytesAndSaysWhatDoesNot) {
  Propagating p;
  const std::string long_name(126, 'p');
  p.names[812] = std::string(500, '\x01');
  for (char c = 'a'; c <= 'z'; ++c)
    for (int i = 0; i < 80; ++i) p.handles(kOrders, context(1, 1), std::nullopt, long_name + c, "/" + std::string(39, c));
  constexpr std::size_t kBytes = 20'000;
  const std::string json = to_json(report(p), kBytes), text = to_text(report(p), kBytes);
  EXPECT_LE(json.size(), kBytes);
  EXPECT_LE(text.size(), kBytes);
  EXPECT_EQ(json.find("\"rows_left_out\":0"), std::string::npos);
  EXPECT_NE(text.find("more rows have no room here\n"), std::string::npos);
}

}  // namespace
}  // namespace suture::test
