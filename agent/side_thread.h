#pragma once
// SideThread: answers questions one after the other, beside the capture thread, where finding the answer may block: in the
// worst case for ever, in somebody else's file system. So it can be left behind.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/bounded_queue.h"
#include "export/named_thread.h"

namespace suture {

template <typename Question, typename Answer>
class SideThread {
 public:
  /// On the thread, and perhaps after the end of everything else: must own what it uses.
  using Find = std::function<Answer(const Question&)>;
  /// On the thread, one at a time, never during or after the destructor.
  using Deliver = std::function<void(Answer&&)>;

  /// `name`: see start_thread(). At most `max_waiting` questions wait.
  SideThread(const char* name, std::size_t max_waiting, Find find, Deliver deliver)
      : state_(std::make_unique<State>(max_waiting, std::move(find), std::move(deliver))),
        thread_(start_thread(name, [state = state_.get()] {
          if (state->run()) delete state;
        })) {}

  /// Drops the questions that wait. A thread that does not come back from the one at hand is left behind, and owns its
  /// state from then on.
  ~SideThread() {
    state_->questions.close();
    std::unique_lock lock(state_->mutex);
    state_->stopped = true;
    const bool over = state_->changed.wait_for(lock, kPatience, [this] { return state_->over; });
    state_->left_behind = !over;
    if (over) {
      lock.unlock();
      thread_.join();
    } else {
      thread_.detach();
      State* const state = state_.release();
      lock.release();
      state->mutex.unlock();  // it may be gone after this
    }
  }
  SideThread(const SideThread&) = delete;
  SideThread& operator=(const SideThread&) = delete;

  /// Wakes the thread. False: there is no room.
  bool ask(Question question) {
    {
      std::lock_guard lock(state_->mutex);
      ++state_->open;
    }
    if (!state_->questions.push(std::move(question), 1)) return true;
    std::lock_guard lock(state_->mutex);
    --state_->open;
    return false;
  }

  /// Waits until all that was asked is delivered. False: it takes longer.
  bool wait_for_answers(std::chrono::milliseconds wait) {
    std::unique_lock lock(state_->mutex);
    return state_->changed.wait_for(lock, wait, [this] { return state_->open == 0; });
  }

 private:
  static constexpr std::chrono::milliseconds kPatience{100};  // of the 2 s that SIGTERM may take

  struct State {
    State(std::size_t max_waiting, Find find_in, Deliver deliver_in)
        : find(std::move(find_in)), deliver(std::move(deliver_in)), questions(max_waiting) {}

    /// True: left behind.
    bool run() {
      while (!questions.closed()) {
        const std::optional<Question> question = questions.pop(std::chrono::hours(1));
        if (!question || questions.closed()) continue;
        Answer answer = find(*question);
        const std::lock_guard lock(mutex);
        if (stopped) break;
        deliver(std::move(answer));
        --open;
        changed.notify_all();
      }
      const std::lock_guard lock(mutex);
      over = true;
      changed.notify_all();
      return left_behind;
    }

    const Find find;
    const Deliver deliver;
    BoundedQueue<Question> questions;
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t open = 0;      // asked and not delivered
    bool stopped = false;      // nobody wants answers any more
    bool over = false;         // the thread answers no more
    bool left_behind = false;  // it deletes this
  };

  std::unique_ptr<State> state_;
  std::thread thread_;
};

}  // namespace suture
