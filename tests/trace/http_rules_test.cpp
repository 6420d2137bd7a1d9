#include "trace/http_rules.h"

#include <gtest/gtest.h>

#include "http_builder.h"

namespace suture {
namespace {

TEST(ProbeRules, KnowProbersByNameAndProbesByPath) {
  const struct {
    const char* head;
    bool probe;
  } cases[] = {
      {"GET /shop HTTP/1.1\r\nUser-Agent: kube-probe/1.31\r\n\r\n", true},
      {"GET / HTTP/1.1\r\nuser-agent: ELB-HealthChecker/2.0\r\n\r\n", true},
      {"GET / HTTP/1.1\r\nUser-Agent: GoogleHC/1.0\r\n\r\n", true},
      {"GET /healthz HTTP/1.1\r\n\r\n", true},
      {"HEAD /readyz?verbose HTTP/1.1\r\n\r\n", true},
      {"GET /livez/etcd HTTP/1.1\r\n\r\n", true},
      {"GET http://pod/healthz HTTP/1.1\r\n\r\n", true},
      {"GET /healthzone HTTP/1.1\r\n\r\n", false},
      {"GET /api/healthz HTTP/1.1\r\n\r\n", false},
      {"POST /healthz HTTP/1.1\r\n\r\n", false},
      {"GET /shop HTTP/1.1\r\nUser-Agent: not kube-probe/1.31\r\n\r\n", false},
      {"GET /shop HTTP/1.1\r\n\r\n", false},
  };
  const ProbeRules rules;
  for (const auto& one : cases) EXPECT_EQ(is_probe(request_of(one.head), rules), one.probe) << one.head;
}

TEST(ProbeRules, AreTheOwners) {
  const ProbeRules rules{.user_agents = {"pinger"}, .paths = {"/up", ""}};
  EXPECT_TRUE(is_probe(request_of("GET /up HTTP/1.1\r\n\r\n"), rules));
  EXPECT_TRUE(is_probe(request_of("GET /a HTTP/1.1\r\nUser-Agent: pinger 1\r\n\r\n"), rules));
  EXPECT_FALSE(is_probe(request_of("GET /healthz HTTP/1.1\r\n\r\n"), rules));
  EXPECT_FALSE(is_probe(request_of("GET /a HTTP/1.1\r\n\r\n"), ProbeRules{.user_agents = {""}, .paths = {""}}));
}

TEST(OtlpIntake, IsAPostToOneOfItsPaths) {
  const struct {
    const char* head;
    bool intake;
  } cases[] = {
      {"POST /v1/traces HTTP/1.1\r\n\r\n", true},
      {"POST /v1/metrics HTTP/1.1\r\n\r\n", true},
      {"POST /otlp/v1/logs?tenant=a HTTP/1.1\r\n\r\n", true},
      {"POST http://collector:4318/v1/traces HTTP/1.1\r\n\r\n", true},
      {"GET /v1/traces HTTP/1.1\r\n\r\n", false},
      {"POST /v1/traces/7 HTTP/1.1\r\n\r\n", false},
      {"POST /?a=/v1/traces HTTP/1.1\r\n\r\n", false},
  };
  for (const auto& one : cases) EXPECT_EQ(is_otlp_intake(request_of(one.head)), one.intake) << one.head;
}

}  // namespace
}  // namespace suture
