#include "facts_watch.h"

#include <utility>

namespace suture {

FactsWatch::FactsWatch(const std::string& proc_root)
    : reader_(proc_root),
      thread_(
          "suture-facts", kMaxWaiting,
          [proc_root](const Answer& question) {
            return Answer{question.process, question.question, ProcReader(proc_root).read(question.process)};
          },
          [this](Answer&& answer) {
            const std::lock_guard lock(mutex_);
            answers_.push_back(std::move(answer));
          }) {}

bool FactsWatch::ask(const ProcessKey& process, std::uint64_t question) { return thread_.ask({process, question, std::nullopt}); }

std::vector<FactsSource::Answer> FactsWatch::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(answers_, {});
}

}  // namespace suture
