// Who wakes whom in a process whose threads send requests for each other.
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <functional>
#include <future>
#include <iterator>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "kernel_test.h"

namespace suture::kernel_test {
namespace {

class Wake : public KernelTest {
 protected:
  /// Like run(), with the process's wake-ups looked at from its first call on.
  void run_handing_over(const Child::Body& body) {
    Child child([&body](Inside& inside) {
      inside.step();
      body(inside);
    });
    events().watch(child.pid());
    await_step(child);
    probe_->hands_over(static_cast<std::uint32_t>(child.pid()), true);
    child.go();
    finish(child);
    probe_->hands_over(static_cast<std::uint32_t>(child.pid()), false);
  }
};
FOR_EACH_MECHANISM(Wake);

/// Until the thread sleeps in futex(2). A test that fails here runs into the deadline of its child.
void await_futex(pid_t tid) {
  const std::string folder = "/proc/self/task/" + std::to_string(tid);
  for (;;) {
    std::ifstream call(folder + "/syscall"), status(folder + "/stat");
    int number = -1;
    std::string address, operation, id, name, state;
    call >> number >> address >> operation;
    status >> id >> name >> state;
    // FUTEX_WAIT and FUTEX_WAIT_BITSET. Who is preempted in one of them, or while it wakes others, looks the same but for the state.
    if (number == 202 && (std::stoul(operation, nullptr, 16) & 127) % 9 == 0 && state == "S") return;
    std::this_thread::yield();
  }
}

/// A thread that has read a request and waits for `done`.
struct Handler {
  Handler(std::shared_future<void> done) {
    std::promise<pid_t> tid_known;
    std::future<pid_t> known = tid_known.get_future();
    thread = std::thread([this, done, &tid_known] {
      pass(talk.client.get(), talk.server.get(), kRequest);
      tid_known.set_value(::gettid());
      done.wait();
      pass(talk.server.get(), talk.client.get(), kResponse);
    });
    tid = known.get();
    await_futex(tid);
  }
  ~Handler() { thread.join(); }

  Talk talk;
  pid_t tid = 0;
  std::thread thread;
};

/// A request that nobody owns is sent, answered, and its answer read.
void call(Talk& backend) {
  std::thread([&] { send_all(backend.client.get(), kRequest); }).join();
  receive(backend.server.get(), kRequest.size());
  send_all(backend.server.get(), kResponse);
  receive(backend.client.get(), kResponse.size());
}

TEST_P(Wake, WhoHasReadAnAnswerWakesWhoWaitedForIt) {
  run_handing_over([](Inside&) {
    std::promise<void> done;
    Handler handler(done.get_future().share());
    Talk backend;
    std::thread([&] { call(backend), done.set_value(); }).join();
  });
  ASSERT_EQ(events().wakes().size(), 1u);
  const event_wake& wake = events().wakes()[0];
  EXPECT_EQ(wake.header.flags, 0);
  EXPECT_NE(wake.sleeper, wake.tid);
  EXPECT_NE(wake.word, 0u);
  ASSERT_EQ(events().ends().count(wake.token.connection), 1u);
  ASSERT_EQ(events().ends().count(wake.context.connection), 1u);
  const End& sent = events().ends().at(wake.token.connection);
  const End& read = events().ends().at(wake.context.connection);
  EXPECT_EQ(sent.last().role, ROLE_CLIENT);
  EXPECT_EQ(sent.data[0].seq, wake.token.seq);
  EXPECT_EQ(read.last().role, ROLE_SERVER);
  EXPECT_EQ(read.data[0].seq, wake.context.seq);
  EXPECT_NE(sent.last().remote_port, read.last().local_port);
}

TEST_P(Wake, AWordWhereTwoRequestsSleepAtOnceIsShared) {
  run_handing_over([](Inside&) {
    std::promise<void> done;
    std::shared_future<void> future = done.get_future().share();
    Handler one(future), two(future);
    Talk backend;
    std::thread([&] { call(backend), done.set_value(); }).join();
  });
  ASSERT_EQ(events().wakes().size(), 2u);
  EXPECT_EQ(events().wakes()[0].header.flags, 0);
  EXPECT_EQ(events().wakes()[1].header.flags, WAKE_SHARED);
  EXPECT_EQ(events().wakes()[1].word, events().wakes()[0].word);
}

/// A thread that sleeps until it is given work, as those of executors do: with a time-out.
struct Worker {
  Worker(const char* name, std::function<void()> work, std::chrono::seconds patience = std::chrono::hours(1)) {
    std::promise<pid_t> tid_known;
    std::future<pid_t> known = tid_known.get_future();
    thread = std::thread([this, name, work, patience, &tid_known] {
      ::prctl(PR_SET_NAME, name);
      std::unique_lock lock(mutex);
      tid_known.set_value(::gettid());
      given.wait_for(lock, patience, [this] { return has_work; });
      lock.unlock();
      work();
    });
    await_futex(known.get());
  }
  ~Worker() { thread.join(); }

  void give() {
    {
      std::lock_guard lock(mutex);
      has_work = true;
    }
    given.notify_one();
  }

  std::mutex mutex;
  std::condition_variable given;
  bool has_work = false;
  std::thread thread;
};

/// A thread reads an answer, has a worker go on with it, and that wakes who waits for it.
void hand_to_worker(const char* reader, const char* worker_name, std::chrono::seconds patience = std::chrono::hours(1)) {
  std::promise<void> done;
  Handler handler(done.get_future().share());
  Worker worker(worker_name, [&done] { done.set_value(); }, patience);
  Talk backend;
  std::thread([&] { ::prctl(PR_SET_NAME, reader), call(backend), worker.give(); }).join();
}

TEST_P(Wake, JavasHttpClientHandsAnAnswerToAWorker) {
  run_handing_over([](Inside&) { hand_to_worker("HttpClient-1-Se", "HttpClient-1-Wo"); });
  ASSERT_EQ(events().wakes().size(), 2u);
  const event_wake& handed = events().wakes()[0];
  const event_wake& wake = events().wakes()[1];
  EXPECT_EQ(handed.header.flags, WAKE_HANDS_ANSWER);
  EXPECT_EQ(handed.sleeper, wake.tid);
  EXPECT_EQ(handed.token.connection, wake.token.connection);
  EXPECT_EQ(wake.header.flags, WAKE_PASSED_ON);
  ASSERT_EQ(events().ends().count(wake.token.connection), 1u);
  EXPECT_EQ(events().ends().at(wake.token.connection).last().role, ROLE_CLIENT);
}

TEST_P(Wake, AWorkerOfJavasHttpClientThatSleepsAtALockIsHandedNothing) {
  run_handing_over([](Inside&) { hand_to_worker("HttpClient-1-Se", "HttpClient-1-Wo", std::chrono::seconds(1)); });
  EXPECT_TRUE(events().wakes().empty());
}

TEST_P(Wake, WorkersThatMayTakeFromAQueueAreHandedNothing) {
  run_handing_over([](Inside&) { hand_to_worker("pool-1-thread-1", "pool-1-thread-2"); });
  EXPECT_TRUE(events().wakes().empty());
}

/// What a thread that rests sleeps at, on its own stack.
struct Rest {
  std::mutex mutex;
  std::condition_variable woken;
  bool has_work = false;
};

// So Ruby keeps its threads.
TEST_P(Wake, AThreadThatRestsIsStartedAgain) {
  run_handing_over([](Inside&) {
    Talk service, backend;
    std::promise<std::pair<pid_t, Rest*>> resting;
    std::thread kept([&] {
      Rest rest;
      std::unique_lock lock(rest.mutex);
      resting.set_value({::gettid(), &rest});
      rest.woken.wait_for(lock, std::chrono::hours(1), [&] { return rest.has_work; });
      send_all(backend.client.get(), kRequest);
      rest.woken.wait_for(lock, std::chrono::hours(1), [&] { return !rest.has_work; });
    });
    const auto [tid, rest] = resting.get_future().get();
    await_futex(tid);
    std::thread([&, rest = rest] {
      pass(service.client.get(), service.server.get(), kRequest);
      std::lock_guard lock(rest->mutex);
      rest->has_work = true;
      rest->woken.notify_one();
    }).join();
    receive(backend.server.get(), kRequest.size());
    await_futex(tid);
    {
      std::lock_guard lock(rest->mutex);
      rest->has_work = false;
      rest->woken.notify_one();
    }
    kept.join();
  });
  const event_witness& sent = events().witnesses().back();
  EXPECT_EQ(sent.header.flags, WITNESS_STARTED);
  ASSERT_EQ(events().ends().count(sent.thread.connection), 1u);
  EXPECT_EQ(events().ends().at(sent.thread.connection).data[0].seq, sent.thread.seq);
  ASSERT_EQ(events().thread_exits().size(), 1u);
  EXPECT_EQ(events().thread_exits()[0].tid, sent.tid);
  EXPECT_EQ(events().thread_exits()[0].header.flags, 0);
}

/// A thread that has read a request wakes a worker that had nothing to do, and finds nothing then.
void wake_a_worker(Inside&) {
  std::mutex mutex;
  std::condition_variable given;
  int woken = 0;
  bool over = false;
  std::promise<pid_t> known;
  std::thread worker([&] {
    std::unique_lock lock(mutex);
    known.set_value(::gettid());
    given.wait(lock, [&] { return woken == 1; });
    given.wait(lock, [&] { return over; });
  });
  const pid_t tid = known.get_future().get();
  await_futex(tid);
  Talk talk;
  std::thread([&] { send_all(talk.client.get(), kRequest); }).join();
  std::thread([&] {
    receive(talk.server.get(), kRequest.size());
    (std::lock_guard(mutex), woken = 1);
    given.notify_one();
    send_all(talk.server.get(), kResponse);
  }).join();
  await_futex(tid);
  (std::lock_guard(mutex), over = true);
  given.notify_one();
  worker.join();
}

TEST_P(Wake, AWorkerIsToldOfAsItIsWokenAndAsItRests) {
  run_handing_over(wake_a_worker);
  EXPECT_TRUE(events().wakes().empty());
  std::vector<event_wake> told;
  std::copy_if(events().at_queue().begin(), events().at_queue().end(), std::back_inserter(told), [](const event_wake& wake) { return wake.header.flags == WAKE_QUEUE; });
  const auto woken = std::find_if(told.begin(), told.end(), [](const event_wake& wake) { return wake.tid != wake.sleeper; });
  ASSERT_NE(woken, told.end());
  EXPECT_TRUE(std::any_of(woken, told.end(), [&](const event_wake& wake) { return wake.tid == woken->sleeper && wake.sleeper == wake.tid && wake.word == woken->word; }))
      << "it has found nothing to do";
}

TEST_P(Wake, AWorkerIsNotToldOfWhileRequestsAreShed) {
  probe_->keep_below(UINT32_MAX - 1);  // though none of these is
  run_handing_over(wake_a_worker);
  EXPECT_TRUE(events().wakes().empty());
  EXPECT_TRUE(events().at_queue().empty());
}

TEST_P(Wake, WorkersThatWakeEachOtherAreToldOf) {
  run_handing_over([](Inside&) {
    std::mutex mutex;
    std::condition_variable given;
    bool over = false;
    std::promise<pid_t> known;
    Talk backend, other;
    std::thread worker([&] {
      call(backend);  // so it has a state
      std::unique_lock lock(mutex);
      known.set_value(::gettid());
      given.wait(lock, [&] { return over; });
    });
    await_futex(known.get_future().get());
    std::thread([&] {
      call(other);
      (std::lock_guard(mutex), over = true);
      given.notify_one();
    }).join();
    worker.join();
  });
  EXPECT_TRUE(events().wakes().empty());
  const auto asleep = [](const event_wake& wake) { return wake.tid == wake.sleeper; };
  const auto& told = events().at_queue();
  const auto woken = std::find_if(told.begin(), told.end(), [&](const event_wake& wake) { return !asleep(wake); });
  ASSERT_NE(woken, told.end());
  EXPECT_EQ(woken->header.flags, WAKE_QUEUE);
  EXPECT_TRUE(std::any_of(told.begin(), woken, [&](const event_wake& wake) { return asleep(wake) && wake.tid == woken->sleeper && wake.word == woken->word; }));
}

TEST_P(Wake, AThreadWithARequestTellsWhenItWasAwakeAndHowItSleeps) {
  run_handing_over([](Inside&) {
    Talk talk;
    std::thread([&] { send_all(talk.client.get(), kRequest); }).join();
    std::promise<pid_t> known;
    std::promise<void> done;
    std::thread handler([&] {
      receive(talk.server.get(), kRequest.size());
      known.set_value(::gettid());
      done.get_future().wait();
      std::mutex mutex;
      std::unique_lock lock(mutex);
      std::condition_variable().wait_for(lock, std::chrono::milliseconds(1));
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      send_all(talk.server.get(), kResponse);
    });
    await_futex(known.get_future().get());
    done.set_value();
    handler.join();
  });
  std::set<unsigned> seen;
  for (const event_wake& ran : events().at_queue()) {
    if (!(ran.header.flags & WAKE_RAN)) continue;
    seen.insert(ran.header.flags & ~WAKE_RAN);
    EXPECT_EQ(ran.tid, ran.sleeper);
    EXPECT_LE(ran.word, ran.header.time_ns);
    EXPECT_EQ(events().ends().count(ran.context.connection), 1u);
  }
  EXPECT_EQ(seen, (std::set<unsigned>{0, WAKE_UNTIMED, WAKE_TIMED}));
}

TEST_P(Wake, WhoHasReadNoAnswerIsNotToldOf) {
  run_handing_over([](Inside&) {
    std::promise<void> done;
    Handler handler(done.get_future().share());
    std::thread([&] { done.set_value(); }).join();
  });
  EXPECT_TRUE(events().wakes().empty());
}

TEST_P(Wake, ProcessesThatHandNothingOverAreNotToldOf) {
  probe_->hands_over(static_cast<std::uint32_t>(::getpid()), true);  // attached, for another one
  run([](Inside&) {
    std::promise<void> done;
    Handler handler(done.get_future().share());
    Talk backend;
    std::thread([&] { call(backend), done.set_value(); }).join();
  });
  EXPECT_TRUE(events().wakes().empty());
}

}  // namespace
}  // namespace suture::kernel_test
