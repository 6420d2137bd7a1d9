#include "propagation/findings.h"

#include "propagating.h"
#include "propagation/sentence.h"

namespace suture::test {
namespace {

std::string sentences(const Propagating& p) {
  std::string out;
  for (const PropagationFinding& finding : findings_of(current_rows(p.rows())))
    if (const std::string sentence = sentence_of(finding); !sentence.empty()) out += sentence + "\n";
  return out;
}

TEST(PropagationFindings, NameTheServiceThatDropsAndTheOneThatStartsANewTrace) {
  Propagating p;
  for (int i = 0; i < 512; ++i) p.handles(kOrders, context(1, 1), std::nullopt);
  for (int i = 0; i < 100; ++i) p.handles(kOrders, context(1, 1), context(1, 2), "prices:80");
  for (int i = 0; i < 100; ++i) p.handles(kCart, context(1, 1), context(2, 1));
  EXPECT_EQ(sentences(p), "cart (pid 901) receives a context and sends another to stock:8080: 100 of 100 linked requests; it starts a new trace\n"
                          "orders (pid 812) receives a context and sends none to stock:8080: 512 of 512 linked requests; it drops the trace context\n");
}

TEST(PropagationFindings, NameTheRoutesWhereOthersAreFine) {
  Propagating p;
  for (int i = 0; i < 100; ++i) p.handles(kOrders, context(1, 1), std::nullopt, "stock:8080", "/old");
  for (int i = 0; i < 100; ++i) p.handles(kOrders, context(1, 1), context(1, 2), "stock:8080", "/new");
  EXPECT_EQ(sentences(p), "orders (pid 812) drops the trace context in some requests to stock:8080: 100 of 200 linked requests; always on GET /old\n");
}

TEST(PropagationFindings, SayWhatCannotBeTold) {
  Propagating p;
  p.handles(kOrders, context(1, 1), std::nullopt);
  p.receives(kCart, 1, "/r", context(1, 1));
  p.sends(kCart, 2, "stock:8080", std::nullopt);
  p.propagation.on_unlinked(2);
  EXPECT_EQ(sentences(p), "cannot tell whether cart (pid 901) passes the context on to stock:8080: no linked requests (1 are not linked to the one that caused them)\n"
                          "cannot tell whether orders (pid 812) passes the context on to stock:8080 yet: 1 of 1 linked requests did not; 73 of one kind would tell\n");
}

TEST(PropagationFindings, AreSilentOfWhoPassesOnAndOfWhoHasNothingToPass) {
  Propagating p;
  for (int i = 0; i < 100; ++i) p.handles(kOrders, context(1, 1), context(1, 2));
  for (int i = 0; i < 100; ++i) p.handles(kCart, std::nullopt, std::nullopt);
  p.receives(kCart, 1, "/r", std::nullopt);
  p.sends(kCart, 2, "stock:8080", std::nullopt);
  p.propagation.on_unlinked(2);
  EXPECT_EQ(sentences(p), "");
}

TEST(PropagationFindings, ForgetTheVersionThatWasReplaced) {
  Propagating p;
  p.names[901] = "orders";
  for (int i = 0; i < 100; ++i) p.handles(kOrders, context(1, 1), std::nullopt);
  p.propagation.on_process_over(kOrders);
  p.propagation.name_ended([](const ProcessKey&) { return "orders"; });
  EXPECT_EQ(sentences(p), "orders (ended) receives a context and sends none to stock:8080: 100 of 100 linked requests; it drops the trace context\n");
  for (int i = 0; i < 100; ++i) p.handles(kCart, context(1, 1), context(1, 2));
  EXPECT_EQ(sentences(p), "");
}

}  // namespace
}  // namespace suture::test
