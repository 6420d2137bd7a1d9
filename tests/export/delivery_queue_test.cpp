#include "export/delivery_queue.h"

#include <gtest/gtest.h>

#include "sample.h"

namespace suture {
namespace {

using std::chrono::milliseconds;

TEST(DeliveryQueue, CountsWhatDoesNotFitAndKeepsTheRest) {
  const Batch two = test::batch_of_size(2);
  DeliveryQueue queue(two.weight_bytes + 1);
  queue.push(two);
  queue.push(test::batch_of_size(3));

  EXPECT_EQ(queue.ledger().queued, 5u);
  EXPECT_EQ(queue.ledger().waiting, 2u);
  EXPECT_EQ(queue.ledger().dropped_queue_full, 3u);
  ASSERT_TRUE(queue.pop(milliseconds{0}));
  EXPECT_EQ(queue.ledger().waiting, 2u) << "popped is not yet delivered";
  queue.settle(Settlement::Accepted, 2);
  EXPECT_EQ(queue.ledger().accepted, 2u);
  EXPECT_EQ(queue.ledger().waiting, 0u);
}

TEST(DeliveryQueue, KeepsToItsLimitOfSpansUntilTheyAreSettled) {
  DeliveryQueue queue(1'000'000, 4);
  queue.push(test::batch_of_size(3));
  ASSERT_TRUE(queue.pop(milliseconds{0}));
  queue.push(test::batch_of_size(2));
  EXPECT_EQ(queue.ledger().dropped_queue_full, 2u);
  queue.settle(Settlement::Accepted, 3);
  queue.push(test::batch_of_size(2));
  EXPECT_EQ(queue.ledger().waiting, 2u);
  EXPECT_EQ(queue.ledger().queued, 7u);
}

TEST(DeliveryQueue, CountsWhatComesAfterTheEnd) {
  DeliveryQueue queue(1'000'000);
  queue.close();
  queue.push(test::batch_of_size(2));
  EXPECT_EQ(queue.ledger().dropped_expired, 2u);
  EXPECT_FALSE(queue.pop(milliseconds{0}));
}

}  // namespace
}  // namespace suture
