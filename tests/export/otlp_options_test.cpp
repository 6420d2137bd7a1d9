#include <gtest/gtest.h>

#include <map>

#include "export/otlp/options.h"

namespace suture {
namespace {

using Variables = std::map<std::string, std::string>;

Result<BackendOptions> options_from(const Variables& variables, std::string_view flag = {}) {
  return otlp_options_from(
      [&](const char* name) -> const char* {
        const auto found = variables.find(name);
        return found == variables.end() ? nullptr : found->second.c_str();
      },
      flag);
}

constexpr const char* kEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
constexpr const char* kTracesEndpoint = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";

TEST(BackendOptions, EndpointRules) {
  struct Case {
    Variables variables;
    const char* flag;
    const char* url;
  };
  const Case cases[] = {
      {{}, "", ""},
      {{{kEndpoint, ""}}, "", ""},
      {{{kEndpoint, "http://c:4318"}}, "", "http://c:4318/v1/traces"},
      {{{kEndpoint, "http://c:4318/"}}, "", "http://c:4318/v1/traces"},
      {{{kEndpoint, "http://c:4318/my/collector/"}}, "", "http://c:4318/my/collector/v1/traces"},
      {{{kEndpoint, "https://c/base?key=1"}}, "", "https://c/base/v1/traces?key=1"},
      {{{kEndpoint, "c:4318"}}, "", "http://c:4318/v1/traces"},
      {{{kEndpoint, " HTTP://[::1]:4318 "}}, "", "http://[::1]:4318/v1/traces"},
      {{{kTracesEndpoint, "http://c:4318/x"}}, "", "http://c:4318/x"},
      {{{kTracesEndpoint, "http://c:4318"}}, "", "http://c:4318/"},
      {{{kEndpoint, "http://a"}, {kTracesEndpoint, "http://b/t"}}, "", "http://b/t"},
      {{{kEndpoint, "http://a"}, {kTracesEndpoint, ""}}, "", "http://a/v1/traces"},
      {{{kEndpoint, "http://a"}, {kTracesEndpoint, "http://b"}}, "http://f:1", "http://f:1/v1/traces"},
      {{}, "http://f:1/v1/traces", "http://f:1/v1/traces"},
      {{}, "f:4318", "http://f:4318/v1/traces"},
  };
  for (const Case& test_case : cases) {
    auto options = options_from(test_case.variables, test_case.flag);
    ASSERT_TRUE(options) << options.error();
    EXPECT_EQ(options.value().endpoint.url, test_case.url);
    EXPECT_EQ(options.value().enabled(), *test_case.url != '\0');
  }
}

TEST(BackendOptions, EndpointRulesOfTheOtherProtocols) {
  constexpr const char* kProtocol = "OTEL_EXPORTER_OTLP_PROTOCOL";
  constexpr const char* kInsecure = "OTEL_EXPORTER_OTLP_INSECURE";
  const std::string method = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
  struct Case {
    Variables variables;
    const char* flag;
    std::string url;
    OtlpProtocol protocol;
    const char* unix_socket = "";
  };
  const Case cases[] = {
      {{{kEndpoint, "http://c:9/x/"}, {kProtocol, "GRPC"}}, "", "http://c:9" + method, OtlpProtocol::Grpc},
      {{{kEndpoint, "https://c"}, {kProtocol, "grpc"}}, "", "https://c:4317" + method, OtlpProtocol::Grpc},
      {{{kEndpoint, "http://u@[::1]"}, {kProtocol, "grpc"}}, "", "http://u@[::1]:4317" + method, OtlpProtocol::Grpc},
      {{{kEndpoint, "c:9"}, {kProtocol, "grpc"}}, "", "https://c:9" + method, OtlpProtocol::Grpc},
      {{{kEndpoint, "c:9"}, {kProtocol, "grpc"}, {kInsecure, "True"}}, "", "http://c:9" + method, OtlpProtocol::Grpc},
      {{{kEndpoint, "https://c:9"}, {kProtocol, "grpc"}, {kInsecure, "true"}}, "", "https://c:9" + method, OtlpProtocol::Grpc},
      {{{kEndpoint, "http://c"}, {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json"}, {kProtocol, "grpc"}}, "", "http://c/v1/traces", OtlpProtocol::HttpJson},
      {{{kEndpoint, "unix:///run/o.sock"}}, "", "http://localhost/v1/traces", OtlpProtocol::HttpProtobuf, "/run/o.sock"},
      {{{kTracesEndpoint, "unix:/run/o.sock"}, {kProtocol, "grpc"}}, "", "http://localhost" + method, OtlpProtocol::Grpc, "/run/o.sock"},
      {{{kProtocol, "grpc"}}, "http://f", "http://f/v1/traces", OtlpProtocol::HttpProtobuf},
      {{}, "grpc://f", "http://f:4317" + method, OtlpProtocol::Grpc},
      {{}, "grpcs://f:443", "https://f:443" + method, OtlpProtocol::Grpc},
      {{{"OTEL_TRACES_EXPORTER", "otlp"}}, "", "http://localhost:4318/v1/traces", OtlpProtocol::HttpProtobuf},
      {{{"OTEL_TRACES_EXPORTER", "otlp"}, {kProtocol, "grpc"}}, "", "http://localhost:4317" + method, OtlpProtocol::Grpc},
      {{{"OTEL_TRACES_EXPORTER", "none"}, {kEndpoint, "http://c"}}, "", "", OtlpProtocol::HttpProtobuf},
      {{{"OTEL_SDK_DISABLED", "true"}, {kEndpoint, "http://c"}}, "", "", OtlpProtocol::HttpProtobuf},
      {{{"OTEL_SDK_DISABLED", "true"}}, "http://f", "http://f/v1/traces", OtlpProtocol::HttpProtobuf},
  };
  for (const Case& test_case : cases) {
    auto options = options_from(test_case.variables, test_case.flag);
    ASSERT_TRUE(options) << options.error();
    EXPECT_EQ(options->endpoint.url, test_case.url);
    EXPECT_EQ(options->endpoint.unix_socket, test_case.unix_socket);
    EXPECT_EQ(options->protocol, test_case.protocol) << test_case.url;
    EXPECT_TRUE(options->warnings.empty());
  }
}

TEST(BackendOptions, RefusesWhatCannotWorkAndSaysHowToMendIt) {
  const std::pair<Variables, const char*> cases[] = {
      {{{kEndpoint, "ftp://c"}}, "Write http://HOST:4318"},
      {{{kEndpoint, "http://"}}, "Write http://HOST:4318"},
      {{{kEndpoint, "http://c\r\nX: y"}}, "Write http://HOST:4318"},
      {{{kEndpoint, "unix:relative"}}, "Write unix:/PATH"},
  };
  for (const auto& [variables, words] : cases) {
    const auto options = options_from(variables);
    ASSERT_FALSE(options) << words;
    EXPECT_NE(options.error().find(words), std::string::npos) << options.error();
  }
}

TEST(BackendOptions, KeepsPasswordsAndKeysOutOfMessages) {
  EXPECT_EQ(printable_url("https://user:secret@c:1/p?key=secret#f"), "https://c:1/p");
  EXPECT_EQ(printable_url("user:secret@c"), "c");
  const auto options = options_from({{kEndpoint, "ftp://u:secret@c"}});
  ASSERT_FALSE(options);
  EXPECT_EQ(options.error().find("secret"), std::string::npos) << options.error();
}

TEST(BackendOptions, DecodesHeaders) {
  const auto options = options_from(
      {{kEndpoint, "http://c"}, {"OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Bearer%20a%3Db, x-key = 50% ,,empty="}});
  ASSERT_TRUE(options) << options.error();
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"Authorization", "Bearer a=b"}, {"x-key", "50%"}, {"empty", ""}};
  EXPECT_EQ(options.value().headers, expected);
  EXPECT_TRUE(options.value().warnings.empty());
}

TEST(BackendOptions, LeavesOutHeadersThatWouldBreakTheRequestAndDoesNotShowThem) {
  const auto options = options_from(
      {{kEndpoint, "http://c"}, {"OTEL_EXPORTER_OTLP_HEADERS", "a=1%0d%0aInjected: secret,b c=secret,topsecret,ok=1"}});
  ASSERT_TRUE(options) << options.error();
  ASSERT_EQ(options.value().headers.size(), 1u);
  EXPECT_EQ(options.value().headers[0].first, "ok");
  ASSERT_EQ(options.value().warnings.size(), 3u);
  for (const std::string& warning : options.value().warnings) EXPECT_EQ(warning.find("secret"), std::string::npos);
}

TEST(BackendOptions, ReadsTheOtherVariablesAndWarnsOfWhatItCannotFollow) {
  auto options = options_from({{kEndpoint, "http://c"},
                                     {"OTEL_EXPORTER_OTLP_TIMEOUT", "5s"},
                                     {"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "2500"},
                                     {"OTEL_EXPORTER_OTLP_COMPRESSION", "None"},
                                     {"OTEL_EXPORTER_OTLP_CERTIFICATE", "/etc/ca.pem"},
                                     {"OTEL_EXPORTER_OTLP_PROTOCOL", "carrier-pigeon"},
                                     {"OTEL_EXPORTER_OTLP_CLIENT_KEY", "/etc/key.pem"},
                                     {"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "/etc/cert.pem"},
                                     {"OTEL_BSP_EXPORT_TIMEOUT", "30000"},
                                     {"OTEL_BSP_MAX_QUEUE_SIZE", "2048"}});
  ASSERT_TRUE(options) << options.error();
  EXPECT_EQ(options.value().timeout.count(), 2500);
  EXPECT_FALSE(options.value().gzip);
  EXPECT_EQ(options->tls.ca, "/etc/ca.pem");
  EXPECT_EQ(options->tls.client_key, "/etc/key.pem");
  EXPECT_EQ(options->tls.client_certificate, "/etc/cert.pem");
  EXPECT_EQ(options->longest_age.count(), 30'000);
  EXPECT_EQ(options->queue_spans, 2048u);
  EXPECT_EQ(options->warnings.size(), 1u);
}

TEST(BackendOptions, FallsBackToTheDefaultsOnNonsense) {
  for (const char* nonsense : {"5s", "-1", "0", "99999999999999999999", "1.5"}) {
    const auto options = options_from({{kEndpoint, "http://c"},
                                       {"OTEL_EXPORTER_OTLP_TIMEOUT", nonsense},
                                       {"OTEL_EXPORTER_OTLP_COMPRESSION", nonsense}});
    ASSERT_TRUE(options) << options.error();
    EXPECT_EQ(options.value().timeout.count(), 10'000) << nonsense;
    EXPECT_TRUE(options.value().gzip);
    EXPECT_EQ(options.value().warnings.size(), 2u) << nonsense;
  }
}

}  // namespace
}  // namespace suture
