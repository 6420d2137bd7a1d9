#include "export/output.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "export/named_thread.h"

namespace suture {
namespace {

/// A directory of its own for each test.
class OutputTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "suture-output-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory = name;
  }
  void TearDown() override { std::filesystem::remove_all(directory); }

  std::string path(const char* name) const { return (directory / name).string(); }
  static std::string content(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::filesystem::path directory;
  StopTime never;
};

TEST_F(OutputTest, AppendsToAFileThatItsOwnerAndGroupMayRead) {
  for (const char* text : {"one\n", "two\n"}) {
    auto output = Output::open(path("spans"));
    ASSERT_TRUE(output) << output.error();
    EXPECT_EQ(output->write(text, never), 0);
  }
  EXPECT_EQ(content(path("spans")), "one\ntwo\n");
  struct stat status{};
  ASSERT_EQ(::stat(path("spans").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0137, 0u) << "0640 or less, as the umask has it";
}

TEST_F(OutputTest, SaysWhatCannotBeOpenedAndHowToMendIt) {
  const auto output = Output::open(path("no/such/place"));
  ASSERT_FALSE(output);
  EXPECT_NE(output.error().find("No such file or directory"), std::string::npos) << output.error();
  EXPECT_NE(output.error().find("Choose a path"), std::string::npos) << output.error();
}

TEST_F(OutputTest, RefusesAFifoThatNobodyReads) {
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  const auto output = Output::open(path("fifo"));
  ASSERT_FALSE(output);
  EXPECT_NE(output.error().find("Start its reader"), std::string::npos) << output.error();
}

TEST_F(OutputTest, ReportsAFullDevice) {
  auto output = Output::open("/dev/full");
  ASSERT_TRUE(output) << output.error();
  EXPECT_EQ(output->write("x", never), ENOSPC);
}

TEST_F(OutputTest, GivesUpOnAReaderThatDoesNotReadWhenItIsTimeToStop) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const Fd reader(ends[0]);
  Output output{Fd(ends[1])};
  StopTime stop;
  stop.set(StopTime::Clock::now());
  EXPECT_EQ(output.write(std::string(1 << 20, 'x'), stop), ETIMEDOUT);
}

TEST_F(OutputTest, SurvivesAReaderThatWentAway) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  ::close(ends[0]);
  Output output{Fd(ends[1])};
  int error = 0;
  start_thread("test", [&] { error = output.write("x", never); }).join();
  EXPECT_EQ(error, EPIPE);
}

}  // namespace
}  // namespace suture
