#include "trace/authority.h"

#include <gtest/gtest.h>

#include <string>

namespace suture {
namespace {

TEST(Authority, TakesHostAndPortApart) {
  const struct {
    const char* text;
    const char* host;
    int port;
  } cases[] = {
      {"example.com", "example.com", 0},
      {"example.com:8080", "example.com", 8080},
      {"example.com:", "example.com", 0},
      {"10.1.2.3:65535", "10.1.2.3", 65535},
      {"my_service-1", "my_service-1", 0},
      {"xn--bcher-kva.example", "xn--bcher-kva.example", 0},
      {"%66oo", "%66oo", 0},
      {"[::1]", "::1", 0},
      {"[2001:db8::1]:443", "2001:db8::1", 443},
      {"[fe80::1%25eth0]:80", "fe80::1%25eth0", 80},
  };
  for (const auto& one : cases) {
    const auto authority = parse_authority(one.text);
    ASSERT_TRUE(authority) << one.text;
    EXPECT_EQ(authority->text, one.text);
    EXPECT_EQ(authority->host, one.host);
    EXPECT_EQ(authority->port, one.port) << one.text;
  }
}

TEST(Authority, RefusesWhatIsNotPlainlyAHost) {
  for (const char* text :
       {"", ":80", "a b", "user@host", "user:pw@host", "host:0", "host:65536", "host:8o", "host:-1", "host:80:80",
        "::1", "[::1", "[::1]80", "[]", "[x]", "a/b", "a\"b", "<script>", "h\xc3\xb6st"})
    EXPECT_FALSE(parse_authority(text)) << text;
  EXPECT_TRUE(parse_authority(std::string(255, 'a')));
  EXPECT_FALSE(parse_authority(std::string(256, 'a')));
}

TEST(NodeAddress, DropsPortsAndRefusesWhatIsNoAddress) {
  const struct {
    const char* node;
    const char* address;
  } cases[] = {
      {"192.0.2.60", "192.0.2.60"},
      {"192.0.2.60:4711", "192.0.2.60"},
      {"192.0.2.60:_port", "192.0.2.60"},
      {"[2001:db8:cafe::17]:4711", "2001:db8:cafe::17"},
      {"[2001:db8:cafe::17]", "2001:db8:cafe::17"},
      {"2001:db8:cafe::17", "2001:db8:cafe::17"},  // X-Forwarded-For knows no brackets
      {"unknown", ""},
      {"Unknown", ""},
      {"_hidden", ""},
      {"", ""},
      {"<script>", ""},
      {"[oops", ""},
  };
  for (const auto& one : cases) EXPECT_EQ(parse_node_address(one.node), one.address) << one.node;
}

}  // namespace
}  // namespace suture
