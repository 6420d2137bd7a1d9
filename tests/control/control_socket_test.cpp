// Questions to a running agent: who gets an answer, and who cannot hold it up.
#include "control/control_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstdlib>
#include <cstring>
#include <future>

namespace suture {
namespace {

struct Control : ::testing::Test {
  Control() {
    char name[] = "/tmp/suture-control-XXXXXX";
    directory = ::mkdtemp(name);
    path = directory + "/run/suture.sock";
  }
  ~Control() override {
    ::rmdir((directory + "/run").c_str());
    ::rmdir(directory.c_str());
  }

  /// What somebody who asks is told, by an agent that answers with the question.
  Result<std::string> asked(ControlSocket& control, std::string question) {
    auto answer = std::async(std::launch::async, [&] { return ask_agent(path, question); });
    const auto echo = [](std::string_view text) -> Result<std::string> {
      if (text == "bad") return Error{"because"};
      return "you asked " + std::string(text);
    };
    std::uint64_t now = 0;
    while (answer.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) control.serve(now += 1'000'000, echo);
    return answer.get();
  }

  int silent() const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path.c_str());
    const int fd = ::socket(AF_UNIX, SOCK_SEQPACKET, 0);
    EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    return fd;
  }

  std::string directory, path;
};

TEST_F(Control, WhoAsksIsAnswered) {
  Result<ControlSocket> control = ControlSocket::listen(path);
  ASSERT_TRUE(control) << control.error();
  EXPECT_EQ(asked(*control, "this").value(), "you asked this");
  EXPECT_EQ(asked(*control, "bad").error(), "because");
}

TEST_F(Control, WhoSaysNothingHoldsNobodyUp) {
  Result<ControlSocket> control = ControlSocket::listen(path);
  ASSERT_TRUE(control) << control.error();
  Fd one(silent()), other(silent());
  EXPECT_EQ(asked(*control, "this").value(), "you asked this");
}

TEST_F(Control, ItsFileIsForItsOwnerAloneAndGoesWithIt) {
  {
    Result<ControlSocket> control = ControlSocket::listen(path);
    ASSERT_TRUE(control) << control.error();
    struct stat file{};
    ASSERT_EQ(::stat(path.c_str(), &file), 0);
    EXPECT_EQ(file.st_mode & 0777, 0600u);
    const Result<ControlSocket> second = ControlSocket::listen(path);
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().find("--control"), std::string::npos);
  }
  const Result<std::string> nobody = ask_agent(path, "this");
  ASSERT_FALSE(nobody);
  EXPECT_NE(nobody.error().find("suture run"), std::string::npos);
}

TEST_F(Control, TheFileOfAnAgentThatWasKilledIsReplaced) {
  ASSERT_EQ(::mkdir((directory + "/run").c_str(), 0700), 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, path.c_str());
  {
    Fd dead(::socket(AF_UNIX, SOCK_SEQPACKET, 0));
    ASSERT_EQ(::bind(dead.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }
  Result<ControlSocket> control = ControlSocket::listen(path);
  EXPECT_TRUE(control) << control.error();
}

}  // namespace
}  // namespace suture
