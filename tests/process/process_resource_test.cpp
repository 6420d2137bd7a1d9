// Resources as OpenTelemetry wants them.
#include "process/process_resource.h"

#include <gtest/gtest.h>

#include <map>

#include "process/uuid.h"

namespace suture {
namespace {

std::map<std::string, std::string> as_text(const Resource& resource) {
  std::map<std::string, std::string> out;
  for (const Resource::Attribute& attribute : resource.attributes) {
    const auto* number = std::get_if<std::int64_t>(&attribute.value);
    const bool fresh =
        out.emplace(attribute.key, number ? std::to_string(*number) : std::get<std::string>(attribute.value)).second;
    EXPECT_TRUE(fresh) << attribute.key << " twice";
  }
  return out;
}

TEST(Uuid, AgreesWithTheVectorOfTheSpecification) {
  // RFC 9562 appendix A.4: the DNS namespace and "www.example.com".
  const UuidBytes dns = {0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1,
                         0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8};
  EXPECT_EQ(uuid_v5(dns, "www.example.com"), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
  // Names around the padding's edges, 39 + 16 = 55 and 40 + 16 = 56 bytes, take one and two blocks.
  EXPECT_NE(uuid_v5(dns, std::string(39, 'a')), uuid_v5(dns, std::string(40, 'a')));
}

TEST(ProcessResource, DescribesProcessAndHost) {
  ProcessFacts facts;
  facts.exe = "/usr/bin/python3.11";
  facts.args = {"python3", "-m", "shop.web"};
  facts.container_id = "c0ffee";
  const HostFacts host = {.name = "box", .id = "m1", .arch = "amd64", .boot_unix_ns = 1'700'000'000'000'000'000};
  bool malformed = false;
  const Resource resource = make_resource(host, {42, 1'234'000'000}, facts, malformed);
  auto attributes = as_text(resource);
  EXPECT_EQ(resource.attributes[0].key, "service.name");
  EXPECT_EQ(attributes.extract("service.instance.id").mapped(), uuid_v5(kServiceInstanceNamespace, "m1:42:1234000000"));
  const std::map<std::string, std::string> expected = {
      {"service.name", "shop.web"},        {"process.pid", "42"},
      {"process.executable.name", "python3.11"}, {"process.executable.path", "/usr/bin/python3.11"},
      {"process.command", "python3"},      {"process.creation.time", "2023-11-14T22:13:21.234Z"},
      {"process.runtime.name", "cpython"}, {"container.id", "c0ffee"},
      {"host.name", "box"},                {"host.id", "m1"},
      {"host.arch", "amd64"},              {"os.type", "linux"},
  };
  EXPECT_EQ(attributes, expected);
  EXPECT_FALSE(malformed);
}

TEST(ProcessResource, LetsTheEnvironmentReplaceWhatWasDetected) {
  ProcessFacts facts;
  facts.otel_service_name = "shop";
  facts.otel_resource_attributes =
      "service.name=other,host.name=mine,deployment.environment.name=prod,telemetry.sdk.name=x";
  bool malformed = false;
  const auto attributes = as_text(make_resource({.name = "box"}, {42, 1}, facts, malformed));
  EXPECT_EQ(attributes.at("service.name"), "shop");
  EXPECT_EQ(attributes.at("host.name"), "mine");
  EXPECT_EQ(attributes.at("deployment.environment.name"), "prod");
  EXPECT_EQ(attributes.count("telemetry.sdk.name"), 0u);
}

TEST(ProcessResource, TakesFromWhatAnSdkPublishesWhatItKnowsBest) {
  ProcessFacts facts;
  facts.published = {{"service.name", "shop"}, {"service.instance.id", "i-1"}, {"service.version", "2"}, {"host.name", "pod"}, {"process.pid", "1"},
                     {"process.command_line", "shop --password=x"}, {"telemetry.sdk.name", "opentelemetry"}, {"k8s.pod.name", "shop-7"}};
  facts.otel_resource_attributes = "service.version=3";
  bool malformed = false;
  const auto attributes = as_text(make_resource({.name = "box"}, {42, 1}, facts, malformed));
  EXPECT_EQ(attributes.at("service.name"), "shop");
  EXPECT_EQ(attributes.at("service.instance.id"), "i-1");
  EXPECT_EQ(attributes.at("service.version"), "3");
  EXPECT_EQ(attributes.at("host.name"), "box");
  EXPECT_EQ(attributes.at("process.pid"), "42");
  EXPECT_EQ(attributes.at("k8s.pod.name"), "shop-7");
  EXPECT_EQ(attributes.count("process.command_line") + attributes.count("telemetry.sdk.name"), 0u);
}

TEST(ProcessResource, SaysWhenTheEnvironmentIsMalformed) {
  ProcessFacts facts;
  facts.otel_resource_attributes = "a=b,c";
  bool malformed = false;
  EXPECT_EQ(as_text(make_resource({}, {42, 1}, facts, malformed)).count("a"), 0u);
  EXPECT_TRUE(malformed);
}

}  // namespace
}  // namespace suture
