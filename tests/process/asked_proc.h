#pragma once
// AskedProc: a FactsSource over a FakeProc, whose answers come when the test calls answer().

#include <utility>
#include <vector>

#include "fake_proc.h"
#include "process/facts_source.h"
#include "process/proc_reader.h"

namespace suture::test {

class AskedProc final : public FactsSource {
 public:
  explicit AskedProc(const FakeProc& proc) : reader_(proc.path()) {}

  /// Reads for the questions asked so far.
  void answer() {
    for (Answer& question : std::exchange(questions_, {})) {
      question.facts = reader_.read(question.process);
      answers_.push_back(std::move(question));
    }
  }

  std::optional<ProcessFacts> look(const ProcessKey& process) override { return reader_.look(process); }
  bool ask(const ProcessKey& process, std::uint64_t question) override {
    if (!has_room) return false;
    ++asked;
    questions_.push_back({process, question, std::nullopt});
    return true;
  }
  std::vector<Answer> take() override { return std::exchange(answers_, {}); }

  bool has_room = true;
  int asked = 0;

 private:
  ProcReader reader_;
  std::vector<Answer> questions_, answers_;
};

}  // namespace suture::test
