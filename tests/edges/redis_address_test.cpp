// How the place of a Redis is written, and which slot of a cluster a key has.
#include "edges/redis_address.h"

#include <gtest/gtest.h>

#include "edges/redis_slot.h"

namespace suture {
namespace {

TEST(RedisAddress, ReadsWhatAUrlSays) {
  const Result<RedisAddress> whole = redis_address_from("rediss://me:p%40s%3As@redis.example:7000/3");
  ASSERT_TRUE(whole) << whole.error();
  EXPECT_EQ(whole.value().host, "redis.example");
  EXPECT_EQ(whole.value().port, 7000);
  EXPECT_EQ(whole.value().user, "me");
  EXPECT_EQ(whole.value().password, "p@s:s");
  EXPECT_EQ(whole.value().database, 3u);
  EXPECT_TRUE(whole.value().tls);
  const Result<RedisAddress> bare = redis_address_from("redis://10.0.0.5");
  ASSERT_TRUE(bare) << bare.error();
  EXPECT_EQ(bare.value().shown(), "redis://10.0.0.5:6379");
  EXPECT_FALSE(bare.value().tls);
  const Result<RedisAddress> six = redis_address_from("redis://:secret@[fd00::1]:7/0");
  ASSERT_TRUE(six) << six.error();
  EXPECT_EQ(six.value().host, "fd00::1");
  EXPECT_EQ(six.value().user, "");
  EXPECT_EQ(six.value().password, "secret");
  EXPECT_EQ(six.value().shown(), "redis://[fd00::1]:7");
}

TEST(RedisAddress, RefusesTheRestInWordsThatDoNotHoldThePassword) {
  for (const char* text : {"", "10.0.0.5:6379", "http://h", "redis://", "redis://:secret@h:0", "redis://:secret@h:70000", "redis://:secret@h/x",
                           "redis://:secret@h/1/2", "redis://:secret@h?db=1", "redis://:secret/x@h"}) {
    const Result<RedisAddress> address = redis_address_from(text);
    ASSERT_FALSE(address) << text;
    EXPECT_NE(address.error().find("redis://[USER:PASSWORD@]HOST"), std::string::npos) << address.error();
    EXPECT_EQ(address.error().find("secret"), std::string::npos) << address.error();
  }
}

TEST(RedisAddress, IsShownWithoutItsPassword) {
  EXPECT_EQ(redis_address_from("rediss://me:secret@h:1/2").value().shown(), "rediss://h:1/2");
}

// The check value of CRC16/XMODEM that the cluster specification gives.
TEST(RedisSlot, IsTheSpecifications) { EXPECT_EQ(redis_slot_of("123456789"), 0x31C3 % kRedisSlots); }

}  // namespace
}  // namespace suture
