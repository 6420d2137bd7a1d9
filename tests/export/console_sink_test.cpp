#include "export/console/console_sink.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>

#include "export/console/waterfall.h"
#include "sample.h"

namespace suture {
namespace {

using std::chrono::milliseconds;

/// A file in memory that a sink writes to and the test reads.
class ConsoleSinkTest : public ::testing::Test {
 protected:
  Output output() { return Output(Fd(::dup(file.get()))); }
  std::string written() const {
    std::string text(static_cast<std::size_t>(::lseek(file.get(), 0, SEEK_END)), '\0');
    EXPECT_EQ(::pread(file.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
    return text;
  }
  Fd file{::memfd_create("console", MFD_CLOEXEC)};
};

TEST_F(ConsoleSinkTest, DrawsATraceWhenItIsAtRest) {
  ConsoleSink sink({}, output());
  sink.send(test::batch_of_size(1));
  ASSERT_TRUE(test::wait_until([&] { return sink.ledger().accepted == 1; }));
  FinishedTrace trace{.rows = {to_row(test::server_span(1), "shop")}, .complete = true};
  EXPECT_EQ(written(), draw_trace(trace, {}));
}

TEST_F(ConsoleSinkTest, DrawsAllThatWaitsAtTheEnd) {
  ConsoleOptions options;
  options.limits.quiet = options.limits.patience = std::chrono::hours{1};
  ConsoleSink sink(options, output());
  sink.send(test::batch_of_size(2));
  sink.send(test::batch_of_size(1));
  EXPECT_EQ(sink.ledger().waiting, 3u);
  sink.flush(milliseconds{10'000});
  EXPECT_EQ(sink.ledger().accepted, 3u);
  EXPECT_NE(written().find("3 spans"), std::string::npos) << written();
}

TEST_F(ConsoleSinkTest, CountsWhatNobodyCanSee) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  ::close(ends[0]);
  ConsoleSink sink({}, Output(Fd(ends[1])));
  sink.send(test::batch_of_size(2));
  sink.flush(milliseconds{10'000});
  EXPECT_EQ(sink.ledger().dropped_write, 2u);
  EXPECT_EQ(sink.ledger().waiting, 0u);
}

}  // namespace
}  // namespace suture
