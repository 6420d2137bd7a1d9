// The walk through a Rust service with tokio: a child whose memory has what tokio's has where the walk looks, and which moves
// bytes while one task or another is said to run. That a real service has it is for `make truth` to say.
#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "kernel_test.h"
#include "wire/runtime_tokio.h"

namespace suture::kernel_test {
namespace {

using Word = std::uint64_t;

constexpr Word kOneReference = 64, kJoinInterest = 8, kJoined = kJoinInterest | 16, kSenderSet = 8, kReceiverSet = 1, kValueSent = 2;
constexpr int kRounds = 12;  // the walk learns in the first ones
constexpr int kLearnt = 8;

const std::array<Word, 4> waker_table{1, 2, 3, 4};
thread_local std::array<Word, 10> current_context{};
constexpr std::size_t kCurrentTask = 6;

Word address_of(const volatile void* what) { return reinterpret_cast<Word>(what); }

struct Waker {
  Word table = 0, task = 0;
};

struct Table {
  std::array<Word, 7> functions{};
  Word trailer_offset, scheduler_offset, id_offset;
  Word behind = 7;
};

struct alignas(128) Task {
  Word state = kOneReference, queue_next = 0;
  const Table* table;
  Word owner = 1, scheduler = 0x7000, id;
  Word stage = 0;
  const void* future = nullptr;
  const void* future_table = nullptr;
  Word pad = 0;
  std::array<Word, 2> owned{};
  Waker joins{};
};

Waker waker_of(const Task& task) { return {address_of(&waker_table), address_of(&task)}; }

struct Oneshot {
  Word strong = 2, weak = 1;
  Waker sender, receiver;
  Word state = kSenderSet | kReceiverSet;
};

/// A service: the task that reads requests, one that it has started, and that of its connection to another service.
struct Service {
  Table server_table{{}, offsetof(Task, owned), offsetof(Task, scheduler), offsetof(Task, id)}, other_table = server_table;
  Task server{.table = &server_table, .id = 11}, started{.table = &other_table, .id = 12}, client{.table = &other_table, .id = 13};
  Task later{.table = &other_table, .id = 14};  // held by the server's future, which awaits `started` now
  Oneshot answer;
  std::array<const void*, 100> future{};
  std::array<Word, 8> handles{};
  std::array<Word, 40> handler{};               // the future that has the iterator: its next element, the array's capacity, its end
  std::array<Word, 3> handler_table{0, sizeof handler, 8};
  std::array<Word, 2> handler_box{address_of(&handler), address_of(&handler_table)};

  Service() {
    answer.sender = waker_of(client);
    answer.receiver = waker_of(server);
    future[75] = &answer;
    client.future = &future;
    started.state |= kJoined;
    started.joins = waker_of(server);
    later.state |= kJoinInterest;
    server.future = &handler_box;
    handles = {0, address_of(&started), address_of(&later)};
    handler[30] = address_of(&handles[2]), handler[31] = 2, handler[32] = address_of(&handles[3]);
  }
};

/// While `task` runs.
template <typename What>
[[gnu::noinline]] void run_as(const Task& task, const What& what) {
  volatile Word waker[2] = {address_of(&waker_table), address_of(&task)};
  asm volatile("" : : "r"(waker) : "memory");
  current_context[kCurrentTask] = task.id;
  what();
  current_context[kCurrentTask] = 0;
  asm volatile("" : : "r"(waker) : "memory");
}

class WalkTokio : public KernelTest {
 protected:
  WalkTokio() {
    how_.kind = RUNTIME_TOKIO;
    how_.version = 1;
    how_.address[TOKIO_WAKER] = address_of(&waker_table);
    how_.offset[TOKIO_CONTEXT] = static_cast<std::uint32_t>(address_of(__builtin_thread_pointer()) - address_of(&current_context));
    how_.offset[TOKIO_CONTEXT_BYTES] = sizeof current_context;
    how_.offset[TOKIO_HEADER] = offsetof(Task, state);
    how_.offset[TOKIO_TABLE] = offsetof(Table, trailer_offset);
    how_.offset[TOKIO_JOIN_WAKER] = offsetof(Task, joins) - offsetof(Task, owned);
    how_.offset[TOKIO_CHANNEL] = offsetof(Oneshot, strong);
  }

  void before_run(pid_t pid) override { EXPECT_TRUE(probe_->set_runtime(static_cast<std::uint32_t>(pid), &how_)); }

  struct Named {
    int received = 0, sent = 0, answered = 0;  // of the rounds after those in which it learns
    int held = 0;                              // with the name of the task that it will await next
    int unawaited = 0;                         // names of the task alone that waits and that nobody awaits
    int wrong = 0;                             // names of anything else than the task that serves
  };

  /// The server's task reads a request, and its client's another that is sent for it. `before_answer` is what comes between.
  Named serve(const std::function<void(Service&)>& change, const std::function<void(Service&)>& before_answer = [](Service&) {}) {
    const std::size_t before = events().witnesses().size();
    run([&](Inside&) {
      const auto service = std::make_unique<Service>();
      change(*service);
      const Word state = service->answer.state;
      Talk in, out;
      for (int round = 0; round < kRounds; ++round) {
        send_all(in.client.get(), kRequest);
        run_as(service->server, [&] { receive(in.server.get(), kRequest.size()); });
        run_as(service->client, [&] { send_all(out.client.get(), kRequest); });
        receive(out.server.get(), kRequest.size());
        send_all(out.server.get(), kResponse);
        before_answer(*service);
        run_as(service->client, [&] { receive(out.client.get(), kResponse.size()); });
        service->answer.state = state;
        run_as(service->server, [&] { send_all(in.server.get(), kResponse); });
        receive(in.client.get(), kResponse.size());
      }
    });
    Named named;
    for (std::size_t i = before; i < events().witnesses().size(); ++i) {
      const event_witness& witness = events().witnesses()[i];
      if (witness.values == 0) continue;
      if (witness.values == 1 && witness.value[0] == 12 && witness.point == WITNESS_RESPONSE_READ) {
        ++named.unawaited;
        continue;
      }
      const bool holds = witness.values == 2 && witness.value[1] == 14;
      named.held += holds;
      named.wrong += (witness.values != 1 && !holds) || witness.value[0] != 11;
      int& count = witness.point == WITNESS_REQUEST_READ ? named.received : witness.point == WITNESS_REQUEST_SENT ? named.sent : named.answered;
      ++count;
    }
    return named;
  }
  Named serve() { return serve([](Service&) {}); }

  runtime how_{};
};
FOR_EACH_MECHANISM(WalkTokio);

TEST_P(WalkTokio, NamesTheTaskThatWaitsForTheAnswer) {
  const Named named = serve();
  EXPECT_GE(named.received, kLearnt);
  EXPECT_GE(named.sent, kLearnt);
  EXPECT_EQ(named.answered, 0);  // nothing that is not known yet
  EXPECT_EQ(named.wrong, 0);
}

TEST_P(WalkTokio, NamesTheTaskThatJoinsTheOneThatWaits) {
  const Named named = serve([](Service& service) { service.answer.receiver = waker_of(service.started); });
  EXPECT_GE(named.sent, kLearnt);
  EXPECT_EQ(named.wrong, 0);
}

TEST_P(WalkTokio, NamesWhatWillBeAwaitedNext) {
  const auto joined = [](Service& service) { service.answer.receiver = waker_of(service.started); };
  const Named named = serve(joined);
  EXPECT_GE(named.held, kLearnt);
  EXPECT_EQ(named.wrong, 0);
  const std::vector<std::function<void(Service&)>> changes = {
      [](Service& service) { service.handles[1] = address_of(&service.later); },    // it awaits another one of the array
      [](Service& service) { service.handler[32] = service.handler[30]; },          // there is no other
      [](Service& service) { service.handler[32] = address_of(&service.handles[4]); },  // not all are tasks
      [](Service& service) { service.later.state = kOneReference; },                // nobody holds it
      [](Service& service) { service.handler_box[1] = 0; },                         // no box of a future
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const Named other = serve([&](Service& service) { joined(service), changes[i](service); });
    EXPECT_GE(other.sent, kLearnt) << i;
    EXPECT_EQ(other.held + other.wrong, 0) << i;
  }
}

TEST_P(WalkTokio, NamesTheTaskThatSendsForItself) {
  const Named named = serve([](Service& service) {
    service.client.table = &service.server_table;
    service.client.id = 11;
    service.server.id = 12;  // so that it is a name of neither
    service.client.future = nullptr;
  });
  EXPECT_GE(named.sent, 1);
}

TEST_P(WalkTokio, LooksAgainWhenTheAnswerComes) {
  const Named named = serve([](Service& service) { service.answer.state = kSenderSet; },
                            [](Service& service) { service.answer.state = kSenderSet | kReceiverSet; });
  EXPECT_EQ(named.sent, 0);
  EXPECT_GE(named.answered, kLearnt);
  EXPECT_EQ(named.wrong, 0);
}

TEST_P(WalkTokio, NamesNobodyWhereNobodyWaits) {
  const std::vector<std::function<void(Service&)>> changes = {
      [](Service& service) { service.answer.state |= kValueSent; },
      [](Service& service) { service.answer.strong = 1; },
      [](Service& service) { service.answer.weak = 2; },
      [](Service& service) { service.answer.sender = waker_of(service.started); },
      [](Service& service) { service.answer.receiver.table += 8; },
      [](Service& service) { service.answer.receiver = waker_of(service.client); },
      [](Service& service) { service.client.future = nullptr; },
      [](Service& service) {  // nobody holds it: what stands in the place of the waker is old
        service.answer.receiver = waker_of(service.started);
        service.started.state = kOneReference;
      },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const Named named = serve(changes[i]);
    EXPECT_GE(named.received, kLearnt) << i;
    EXPECT_EQ(named.sent + named.answered + named.unawaited, 0) << i;
  }
}

TEST_P(WalkTokio, NamesTheTaskItselfThatIsNotAwaitedYet) {
  const Named named = serve([](Service& service) {
    service.answer.receiver = waker_of(service.started);
    service.started.state = kOneReference | kJoinInterest;
  });
  EXPECT_EQ(named.sent + named.answered + named.wrong, 0);
  EXPECT_GE(named.unawaited, kLearnt);
}

TEST_P(WalkTokio, NamesNobodyByAnOffsetThatIsWrong) {
  const runtime right = how_;
  const auto joined = [](Service& service) { service.answer.receiver = waker_of(service.started); };
  for (int offset : {TOKIO_HEADER, TOKIO_TABLE, TOKIO_JOIN_WAKER, TOKIO_CHANNEL})
    for (int shift : {-16, -8, 8, 16}) {
      how_.offset[offset] = right.offset[offset] + static_cast<std::uint32_t>(shift);
      const Named named = serve(joined);
      EXPECT_EQ(named.sent + named.answered + named.wrong, 0) << "offset " << offset << " shifted by " << shift;
      how_ = right;
    }
  how_.address[TOKIO_WAKER] += 8;
  EXPECT_EQ(serve(joined).received, 0);
}

TEST_P(WalkTokio, NamesNobodyThatIsOnlyOnTheStack) {
  how_.offset[TOKIO_CONTEXT] += sizeof current_context;  // where no task's number stands
  const Named named = serve();
  EXPECT_EQ(named.received + named.sent + named.answered, 0);
}

}  // namespace
}  // namespace suture::kernel_test
