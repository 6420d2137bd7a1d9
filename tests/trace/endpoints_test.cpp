#include "trace/endpoints.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <string>

namespace suture {
namespace {

AddressBytes bytes_of(int family, const char* text) {
  AddressBytes bytes{};
  EXPECT_EQ(::inet_pton(family, text, bytes.data()), 1) << text;
  return bytes;
}

TEST(AddressText, WritesIpv4) {
  for (const char* text : {"0.0.0.0", "10.1.2.80", "255.255.255.255", "9.99.100.1"})
    EXPECT_EQ(AddressText(AddressFamily::Inet, bytes_of(AF_INET, text)).view(), text);
}

TEST(AddressText, WritesIpv6ByRfc5952) {
  const struct {
    const char* input;
    const char* text;
  } cases[] = {
      {"::", "::"},
      {"::1", "::1"},
      {"1::", "1::"},
      {"2001:DB8::A", "2001:db8::a"},
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},     // the first of two equal runs
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},           // the longer run
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},  // a single zero group stays
      {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
      {"1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"},
      {"::ffff:192.0.2.7", "192.0.2.7"},  // as the other end, on an IPv4 socket, writes it
  };
  for (const auto& one : cases)
    EXPECT_EQ(AddressText(AddressFamily::Inet6, bytes_of(AF_INET6, one.input)).view(), one.text) << one.input;
}

TEST(AddressText, IsEmptyWithoutAFamily) { EXPECT_EQ(AddressText(AddressFamily::None, {}).view(), ""); }

}  // namespace
}  // namespace suture
