// BackendSink with a server that asks for a certificate, which is renewed while the connection is kept.

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include "export/otlp/curl_runtime.h"
#include "export/otlp/backend_sink.h"
#include "sample.h"

namespace suture {
namespace {

class OtlpTlsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "suture-tls-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory = name;
    const std::string command = "exec python3 " TLS_SERVER " " + name + " 2";
    server.reset(::popen(command.c_str(), "r"));
    ASSERT_TRUE(server);
    port = line();
    ASSERT_FALSE(port.empty()) << "tls_server.py did not start";
  }
  void TearDown() override {
    server.reset();
    std::filesystem::remove_all(directory);
  }

  /// What the server says next; "" at its end.
  std::string line() {
    std::array<char, 100> text{};
    if (!std::fgets(text.data(), text.size(), server.get())) return {};
    std::string out(text.data());
    out.pop_back();
    return out;
  }
  std::string path(const char* name) const { return (directory / name).string(); }
  void use_client(const char* name) const {
    for (const char* kind : {".pem", ".key"}) {
      std::filesystem::copy_file(path(name) + kind, path("next"));
      std::filesystem::rename(path("next"), path("client") + kind);
    }
  }

  struct Closer {
    void operator()(FILE* file) const { ::pclose(file); }
  };
  std::filesystem::path directory;
  std::unique_ptr<FILE, Closer> server;
  std::string port;
};

TEST_F(OtlpTlsTest, ShowsTheClientCertificateThatTheFilesHoldNow) {
  auto curl = CurlRuntime::start();
  ASSERT_TRUE(curl) << curl.error();
  use_client("one");
  BackendOptions options;
  options.endpoint.url = "https://127.0.0.1:" + port + "/v1/traces";
  options.tls = {.ca = path("ca.pem"), .client_certificate = path("client.pem"), .client_key = path("client.key")};
  auto sink = BackendSink::open(options);
  ASSERT_TRUE(sink) << sink.error();
  (*sink)->send(test::batch_of_size(1));
  EXPECT_EQ(line(), "one");
  ASSERT_TRUE(test::wait_until([&] { return (*sink)->ledger().accepted == 1; }));
  use_client("two");
  (*sink)->send(test::batch_of_size(2));
  EXPECT_EQ(line(), "two");
  (*sink)->flush(std::chrono::milliseconds{10'000});
  EXPECT_EQ((*sink)->ledger().accepted, 3u);
}

}  // namespace
}  // namespace suture
