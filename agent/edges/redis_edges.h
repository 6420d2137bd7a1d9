#pragma once
// RedisEdges: an EdgeStore in a Redis or Valkey. Batches of what is to be written and looked up go to a thread of its own, one at a
// time, so that a slow server delays and never blocks:
//
//   [ capture thread: queues, when to ask again ] --batch--> [ thread "suture-edges": RedisClient ] --outcome--> [ capture thread ]
//
// An edge is the key suture:edge:<id of the client span, hex>, its value <trace id, hex>-<flags, hex>, or - while the trace is not
// known; it lives for 60 s.

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/bounded_queue.h"
#include "edges/redis_address.h"
#include "trace/remote_edges.h"

namespace suture {

class RedisEdges final : public EdgeStore {
 public:
  /// Needs a CurlRuntime that outlives it. Connects when there is something to say.
  explicit RedisEdges(const RedisAddress& address);
  /// Waits for the batch at hand, a second at most.
  ~RedisEdges() override;

  // Capture thread.
  void tell(const SpanId& edge, const std::optional<EdgeTrace>& trace) override;
  bool ask(const SpanId& edge) override;
  std::vector<Answer> take(std::uint64_t now_ns) override;
  void finish() override;
  EdgeStoreLedger ledger() const override;

 private:
  struct Write {
    SpanId edge;
    std::optional<EdgeTrace> trace;
    std::uint64_t until_ns = 0;
  };
  struct Question {
    SpanId edge;
    std::uint64_t asked_ns = 0;
    bool promised = false;
  };
  struct Batch {
    std::vector<Write> writes;
    std::vector<Question> questions;
  };
  struct Outcome {
    Batch batch;
    std::vector<bool> written;                       // as batch.writes
    std::vector<std::optional<EdgeTrace>> found;     // as batch.questions
    std::vector<bool> promised, reached;             // the same
    bool whole = true;                               // every command was answered
  };

  void run(const RedisAddress& address);
  void send_batch(bool all);
  void give_up_questions();
  void on_outcome(Outcome&& outcome);
  void look_again(const Question& question, bool reached);

  std::deque<Write> writes_;
  std::multimap<std::uint64_t, Question> questions_;  // by when they are due
  std::vector<Answer> answers_;
  std::size_t writes_under_way_ = 0, questions_under_way_ = 0;
  bool busy_ = false;                 // a batch is with the thread
  std::uint64_t now_ns_ = 0;
  std::uint64_t not_before_ns_ = 0;   // after a failure
  std::uint64_t backoff_ns_ = 0;
  EdgeStoreLedger ledger_;
  BoundedQueue<Batch> inbox_{1};
  BoundedQueue<Outcome> outbox_{1};
  std::thread thread_;
};

}  // namespace suture
