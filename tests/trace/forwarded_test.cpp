#include "trace/forwarded.h"

#include <gtest/gtest.h>

namespace suture {
namespace {

TEST(Forwarded, FindsTheFirstMentionOfAParameter) {
  const struct {
    const char* header;
    const char* name;
    const char* value;
  } cases[] = {
      {"for=192.0.2.60;proto=https;by=203.0.113.43;host=shop.example", "for", "192.0.2.60"},
      {"for=192.0.2.60;proto=https;by=203.0.113.43;host=shop.example", "host", "shop.example"},
      {"for=192.0.2.60, for=198.51.100.17", "for", "192.0.2.60"},
      {"for=192.0.2.60, proto=http;for=198.51.100.17", "proto", "http"},
      {"For=\"[2001:db8:cafe::17]:4711\"", "for", "[2001:db8:cafe::17]:4711"},
      {" PROTO = https ", "proto", "https"},
      {"by=\"a;for=evil,for=evil\";for=good", "for", "good"},
      {"by=\"a\\\";for=evil\";for=good", "for", "good"},
      {"xfor=a;for=b", "for", "b"},
      {";;,,;for=b", "for", "b"},
      {"for", "for", ""},
      {"for=", "for", ""},
      {"for=\"", "for", ""},
      {"for=\"open", "for", ""},
      {"for=\"es\\caped\"", "for", ""},
      {"by=\"\\", "for", ""},
      {"", "for", ""},
  };
  for (const auto& one : cases) EXPECT_EQ(forwarded_parameter(one.header, one.name), one.value) << one.header;
}

TEST(Forwarded, TakesTheFirstOfAList) {
  EXPECT_EQ(first_in_list("203.0.113.195, 198.51.100.17"), "203.0.113.195");
  EXPECT_EQ(first_in_list(" https\t,http"), "https");
  EXPECT_EQ(first_in_list(", b"), "");
  EXPECT_EQ(first_in_list(""), "");
}

}  // namespace
}  // namespace suture
