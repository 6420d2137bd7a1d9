// What the kernel's programs tell of who waits, as it comes among the bytes.
#include "wire.h"

namespace suture::test {
namespace {

// A runtime may not say before the answer comes who waits for it. An answer that is read at once has ended by then.
TEST(Witness, SaysWhoWaitedForAnAnswerThatHasEnded) {
  Wire wire;
  Socket& in = wire.connect();
  Socket& out = wire.connect(kShop, kStock, 9090);
  in.send(get("/a"));
  wire.named(in.peer(), WITNESS_REQUEST_READ, 71);
  out.send(get("/b"));
  out.peer().send(kNoContent);
  wire.named(out, WITNESS_RESPONSE_READ, 71);
  in.peer().send(kNoContent);
  EXPECT_EQ(wire.settled(),
            "server GET /b 204 under client GET /b\n"
            "client GET /b 204 under server GET /a\n"
            "server GET /a 204 under client GET /a\n"
            "client GET /a 204 root\n");
}

}  // namespace
}  // namespace suture::test
