// The rank of the sources of service.name, and the variables of the environment.
#include "process/service_name.h"

#include <gtest/gtest.h>

namespace suture {
namespace {

TEST(ServiceName, TakesTheFirstSourceThatSaysAnything) {
  ProcessFacts facts;
  facts.exe = "/usr/bin/python3";
  facts.args = {"python3", "-m", "shop.web"};
  facts.systemd_unit = "shop.service";
  facts.otel_service_name = "from-variable";
  facts.published = {{"service.version", "1"}, {"service.name", "from-sdk"}};
  ResourceAttributes environment = {{"service.name", "from-attributes"}};

  EXPECT_EQ(service_name_of(facts, environment).name, "from-variable");
  facts.otel_service_name.clear();
  EXPECT_EQ(service_name_of(facts, environment).name, "from-attributes");
  environment[0].second.clear();
  EXPECT_EQ(service_name_of(facts, environment).name, "from-sdk");
  facts.published[1].second = "unknown_service:python3";
  EXPECT_EQ(service_name_of(facts, environment).name, "shop");
  facts.systemd_unit.clear();
  EXPECT_EQ(service_name_of(facts, environment).name, "shop.web");
  facts.args = {"python3"};
  EXPECT_EQ(service_name_of(facts, environment).name, "unknown_service:python3");
  EXPECT_EQ(service_name_of({}, {}).name, "unknown_service");
  EXPECT_EQ(service_name_of({}, {}).source, NameSource::Unknown);
}

TEST(ServiceName, DoesNotTakeTheUnitThatMerelyStartsPrograms) {
  EXPECT_EQ(name_of_unit("nginx.service"), "nginx");
  EXPECT_EQ(name_of_unit("postgresql@15-main.service"), "postgresql@15-main");
  EXPECT_EQ(name_of_unit("cron.service"), "");
  EXPECT_EQ(name_of_unit("sshd@1-10.0.0.1:22-10.0.0.2:99.service"), "");
  EXPECT_EQ(name_of_unit("session-1.scope"), "");
  EXPECT_EQ(name_of_unit(""), "");
}

TEST(ServiceName, PrefersThePackageToTheScriptButNotForNpmItself) {
  ProcessFacts facts;
  facts.exe = "/usr/bin/node";
  facts.package_name = "shop-web";
  facts.args = {"node", "server.js"};
  EXPECT_EQ(service_name_of(facts, {}).name, "shop-web");
  facts.args = {"npm start"};
  EXPECT_EQ(service_name_of(facts, {}).name, "npm");
}

TEST(ResourceAttributes, AreDecodedOrDiscardedWhole) {
  const struct {
    const char* text;
    std::optional<ResourceAttributes> attributes;
  } rows[] = {
      {"", ResourceAttributes{}},
      {"a=b", ResourceAttributes{{"a", "b"}}},
      {" a = b , c=d,", ResourceAttributes{{"a", "b"}, {"c", "d"}}},
      {"a=x%2Cy%3Dz%20", ResourceAttributes{{"a", "x,y=z "}}},
      {"a=b=c", ResourceAttributes{{"a", "b=c"}}},
      {"a=1,a=2", ResourceAttributes{{"a", "2"}}},
      {"a=", ResourceAttributes{{"a", ""}}},
      {"a=b,c", std::nullopt},
      {"=b", std::nullopt},
      {"a=%2", std::nullopt},
      {"a=%zz", std::nullopt},
  };
  for (const auto& row : rows) EXPECT_EQ(parse_resource_attributes(row.text), row.attributes) << row.text;
}

TEST(ResourceAttributes, AreBounded) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "k" + std::to_string(i) + "=v,";
  EXPECT_EQ(parse_resource_attributes(text)->size(), 64u);
}

}  // namespace
}  // namespace suture
