// A thread that may hang, and what the others see of it.
#include "side_thread.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <memory>
#include <vector>

#include "facts_watch.h"

namespace suture {
namespace {

using std::chrono::seconds;

TEST(SideThread, AnswersInTheOrderOfTheQuestions) {
  std::vector<int> answers;  // read after wait_for_answers() alone
  SideThread<int, int> thread("test", 8, [](int n) { return n * 2; }, [&](int&& n) { answers.push_back(n); });
  for (int n : {1, 2, 3}) EXPECT_TRUE(thread.ask(n));
  EXPECT_TRUE(thread.wait_for_answers(seconds(60)));
  EXPECT_EQ(answers, (std::vector<int>{2, 4, 6}));
}

TEST(SideThread, RefusesWhatDoesNotFit) {
  std::promise<void> begun, end;
  SideThread<int, int> thread(
      "test", 1,
      [&](int n) {
        if (n == 0) begun.set_value(), end.get_future().wait();
        return n;
      },
      [](int&&) {});
  EXPECT_TRUE(thread.ask(0));
  begun.get_future().wait();
  EXPECT_TRUE(thread.ask(1));
  EXPECT_FALSE(thread.ask(2));
  end.set_value();
  EXPECT_TRUE(thread.wait_for_answers(seconds(60))) << "what was refused is not waited for";
}

TEST(SideThread, IsLeftBehindWhereItHangsAndThenDeliversNothing) {
  struct Hang {
    std::promise<void> begun, end, over;
  };
  // As the thread outlives the test's frame for a moment, it has a share in what it waits for.
  const auto hang = std::make_shared<Hang>();
  std::atomic<int> delivered{0};
  {
    SideThread<int, std::shared_ptr<void>> thread(
        "test", 8,
        [hang](int) {
          hang->begun.set_value();
          hang->end.get_future().wait();
          return std::shared_ptr<void>(nullptr, [hang](void*) { hang->over.set_value(); });
        },
        [&](std::shared_ptr<void>&&) { ++delivered; });
    EXPECT_TRUE(thread.ask(1));
    hang->begun.get_future().wait();
    EXPECT_FALSE(thread.wait_for_answers(std::chrono::milliseconds(1)));
  }
  hang->end.set_value();
  hang->over.get_future().wait();  // the answer is thrown away
  EXPECT_EQ(delivered, 0);
}

TEST(FactsWatch, AnswersAlsoAboutAProcessThatIsAnother) {
  FactsWatch watch("/proc");
  const auto own = static_cast<std::uint32_t>(::getpid());
  EXPECT_TRUE(watch.ask({own, 1}, 7));  // nothing began in the first nanosecond
  EXPECT_TRUE(watch.wait_for_answers(seconds(60)));
  const auto answers = watch.take();
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].question, 7u);
  EXPECT_FALSE(answers[0].facts);
}

}  // namespace
}  // namespace suture
