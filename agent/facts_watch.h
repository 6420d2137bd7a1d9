#pragma once
// FactsWatch: reads what processes are, on a thread of its own ("suture-facts"). Woken by each question: a process of 50 ms
// does not wait for a poll.

#include <chrono>
#include <mutex>
#include <string>
#include <vector>

#include "process/facts_source.h"
#include "process/proc_reader.h"
#include "side_thread.h"

namespace suture {

class FactsWatch final : public FactsSource {
 public:
  explicit FactsWatch(const std::string& proc_root);

  std::optional<ProcessFacts> look(const ProcessKey& process) override { return reader_.look(process); }
  bool ask(const ProcessKey& process, std::uint64_t question) override;
  std::vector<Answer> take() override;

  /// Waits until everything asked for can be taken. False: it takes longer.
  bool wait_for_answers(std::chrono::milliseconds wait) { return thread_.wait_for_answers(wait); }

 private:
  // 1 024 are read within 50 ms, if nothing hangs; where something does, all later processes go by what look() tells.
  static constexpr std::size_t kMaxWaiting = 1024;

  ProcReader reader_;  // of the capture thread
  std::mutex mutex_;
  std::vector<Answer> answers_;
  SideThread<Answer, Answer> thread_;  // a question is an answer without facts
};

}  // namespace suture
