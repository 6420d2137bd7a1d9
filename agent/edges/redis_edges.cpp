#include "edges/redis_edges.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <utility>

#include <spdlog/spdlog.h>

#include "edges/redis_client.h"
#include "export/named_thread.h"

namespace suture {
namespace {

constexpr std::uint64_t kMs = 1'000'000;
constexpr std::size_t kMostWrites = 65'536, kMostQuestions = 65'536;  // 4 MiB; a second of a busy host
constexpr std::size_t kMostOfBatch = 4'096;
constexpr std::string_view kLifeSeconds = "60";
// The other host's agent waits 100 ms itself before it knows that a request left. Who has said nothing by then is not there.
constexpr std::array<std::uint64_t, 5> kLooksNs = {100 * kMs, 250 * kMs, 450 * kMs, 700 * kMs, 1'000 * kMs};
// What was promised is known once that host has asked in vain itself, or when the response to what made it send is written.
constexpr std::uint64_t kNextLookNs = 300 * kMs;
constexpr std::uint64_t kPatienceNs = 4'500 * kMs;   // less than the 5 s that spans are held
constexpr std::string_view kPromise = "-";
constexpr std::uint64_t kWriteWithinNs = 5'000 * kMs;
constexpr std::uint64_t kLeastBackoffNs = 100 * kMs, kMostBackoffNs = 1'000 * kMs;
constexpr std::chrono::milliseconds kAnswerWithin{1000};
constexpr std::chrono::milliseconds kLastWait{400};  // of the 2 s that SIGTERM may take

std::string key_of(const SpanId& edge) { return "suture:edge:" + to_hex(edge); }

std::string value_of(const std::optional<EdgeTrace>& told) {
  if (!told) return std::string(kPromise);
  const EdgeTrace& trace = *told;
  constexpr std::string_view kDigits = "0123456789abcdef";
  return to_hex(trace.trace) + '-' + kDigits[trace.flags >> 4] + kDigits[trace.flags & 15];
}

int nibble_of(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; }

/// Nothing: it is none of ours.
std::optional<EdgeTrace> trace_from(std::string_view value) {
  if (value.size() != 35 || value[32] != '-') return std::nullopt;
  const auto byte_at = [&](std::size_t at) { return nibble_of(value[at]) < 0 || nibble_of(value[at + 1]) < 0 ? -1 : nibble_of(value[at]) << 4 | nibble_of(value[at + 1]); };
  EdgeTrace trace;
  for (std::size_t i = 0; i < trace.trace.bytes.size(); ++i) {
    const int byte = byte_at(2 * i);
    if (byte < 0) return std::nullopt;
    trace.trace.bytes[i] = static_cast<std::uint8_t>(byte);
  }
  const int flags = byte_at(33);
  if (flags < 0 || !trace.trace.valid()) return std::nullopt;
  trace.flags = static_cast<std::uint8_t>(flags & (kTraceFlagSampled | kTraceFlagRandom));
  return trace;
}

/// Says when the store cannot be used, and when it can again; not more.
class Complaint {
 public:
  void say(const RedisAddress& address, const std::string& error) {
    if (!std::exchange(standing_, true)) spdlog::warn("edges: {}: {}. Requests between hosts are not linked until it answers.", address.shown(), error);
  }
  void withdraw(const RedisAddress& address) {
    if (std::exchange(standing_, false)) spdlog::info("edges: {} answers again", address.shown());
  }

 private:
  bool standing_ = false;
};

}  // namespace

RedisEdges::RedisEdges(const RedisAddress& address) {
  thread_ = start_thread("suture-edges", [this, address] { run(address); });
}

RedisEdges::~RedisEdges() {
  inbox_.close();
  thread_.join();
}

void RedisEdges::run(const RedisAddress& address) {
  RedisClient client(address);
  Complaint complaint;
  while (!inbox_.closed()) {
    std::optional<Batch> batch = inbox_.pop(std::chrono::hours(1));
    if (!batch) continue;
    std::vector<std::string> keys, values;
    keys.reserve(batch->writes.size() + batch->questions.size());
    values.reserve(batch->writes.size());
    std::vector<RedisCommand> commands;
    for (const Write& write : batch->writes) {
      keys.push_back(key_of(write.edge)), values.push_back(value_of(write.trace));
      commands.push_back({{"SET", keys.back(), values.back(), "EX", kLifeSeconds}});
    }
    for (const Question& question : batch->questions) {
      keys.push_back(key_of(question.edge));
      commands.push_back({{"GET", keys.back()}});
    }
    const std::vector<std::optional<RedisReply>> replies = client.perform(commands, RedisClient::Clock::now() + kAnswerWithin);
    Outcome outcome;
    std::string error;
    const auto answered = [&](const std::optional<RedisReply>& reply) {
      const bool good = reply && reply->kind != RedisReply::Kind::Error;
      if (!good && error.empty()) error = reply ? reply->text : client.last_error();
      return good;
    };
    for (std::size_t i = 0; i < replies.size(); ++i) {
      const bool good = answered(replies[i]);
      if (i < batch->writes.size()) {
        outcome.written.push_back(good);
        continue;
      }
      outcome.reached.push_back(good);
      const bool text = good && replies[i]->kind == RedisReply::Kind::Text;
      outcome.found.push_back(text ? trace_from(replies[i]->text) : std::nullopt);
      outcome.promised.push_back(text && replies[i]->text == kPromise);
    }
    outcome.whole = error.empty();
    outcome.batch = *std::move(batch);
    if (outcome.whole) complaint.withdraw(address);
    else complaint.say(address, error);
    (void)outbox_.push(std::move(outcome), 1);
  }
}

void RedisEdges::tell(const SpanId& edge, const std::optional<EdgeTrace>& trace) {
  ledger_.told += trace.has_value();
  if (writes_.size() + writes_under_way_ >= kMostWrites) {
    ledger_.dropped_queue_full += trace.has_value();
    return;
  }
  writes_.push_back({edge, trace, now_ns_ + kWriteWithinNs});
}

bool RedisEdges::ask(const SpanId& edge) {
  if (questions_.size() + questions_under_way_ >= kMostQuestions) return false;
  questions_.emplace(now_ns_ + kLooksNs[0], Question{edge, now_ns_});
  return true;
}

EdgeStoreLedger RedisEdges::ledger() const {
  EdgeStoreLedger ledger = ledger_;
  ledger.waiting = ledger.told - ledger.written - ledger.dropped_queue_full - ledger.dropped_unreachable;
  return ledger;
}

/// It was looked up, or could not be, and was not there.
void RedisEdges::look_again(const Question& question, bool reached) {
  const std::uint64_t waited_ns = now_ns_ - question.asked_ns;
  const auto next = std::upper_bound(kLooksNs.begin(), kLooksNs.end(), waited_ns);
  const bool over = question.promised ? waited_ns >= kPatienceNs : next == kLooksNs.end();
  if (over) return answers_.push_back({question.edge, std::nullopt, question.promised, reached});
  questions_.emplace(next == kLooksNs.end() ? now_ns_ + kNextLookNs : question.asked_ns + *next, question);
}

void RedisEdges::on_outcome(Outcome&& outcome) {
  busy_ = false;
  writes_under_way_ = questions_under_way_ = 0;
  for (std::size_t i = outcome.batch.writes.size(); i-- > 0;) {  // from the back, so that they stay in order
    const Write& write = outcome.batch.writes[i];
    if (!outcome.written[i]) writes_.push_front(write);
    else ledger_.written += write.trace.has_value();
  }
  for (std::size_t i = 0; i < outcome.batch.questions.size(); ++i) {
    Question& question = outcome.batch.questions[i];
    question.promised = question.promised || outcome.promised[i];
    if (outcome.found[i]) answers_.push_back({question.edge, outcome.found[i]});
    else look_again(question, outcome.reached[i]);
  }
  if (!outcome.whole) ++ledger_.batches_failed;
  backoff_ns_ = outcome.whole ? 0 : std::clamp(2 * backoff_ns_, kLeastBackoffNs, kMostBackoffNs);
  not_before_ns_ = now_ns_ + backoff_ns_;
}

/// Those that are due and have not been looked up, for want of a server that answers.
void RedisEdges::give_up_questions() {
  for (auto question = questions_.begin(); question != questions_.end() && question->first <= now_ns_;) {
    const bool over = now_ns_ >= question->second.asked_ns + kPatienceNs;
    if (over) answers_.push_back({question->second.edge, std::nullopt, question->second.promised, false});
    question = over ? questions_.erase(question) : std::next(question);
  }
}

void RedisEdges::send_batch(bool all) {
  while (!writes_.empty() && writes_.front().until_ns <= now_ns_) {
    ledger_.dropped_unreachable += writes_.front().trace.has_value();
    writes_.pop_front();
  }
  give_up_questions();
  if (busy_ || now_ns_ < not_before_ns_) return;
  Batch batch;
  for (; !writes_.empty() && batch.writes.size() < kMostOfBatch; writes_.pop_front()) batch.writes.push_back(writes_.front());
  while (!questions_.empty() && batch.questions.size() < kMostOfBatch && (all || questions_.begin()->first <= now_ns_)) {
    batch.questions.push_back(questions_.begin()->second);
    questions_.erase(questions_.begin());
  }
  if (batch.writes.empty() && batch.questions.empty()) return;
  ++ledger_.batches;
  writes_under_way_ = batch.writes.size();
  questions_under_way_ = batch.questions.size();
  busy_ = true;
  (void)inbox_.push(std::move(batch), 1);
}

std::vector<EdgeStore::Answer> RedisEdges::take(std::uint64_t now_ns) {
  now_ns_ = now_ns;
  if (busy_)
    if (std::optional<Outcome> outcome = outbox_.pop(std::chrono::milliseconds(0))) on_outcome(*std::move(outcome));
  send_batch(false);
  return std::exchange(answers_, {});
}

void RedisEdges::finish() {
  const auto deadline = RedisClient::Clock::now() + kLastWait;
  for (bool last_sent = false;;) {
    if (busy_) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - RedisClient::Clock::now());
      std::optional<Outcome> outcome = outbox_.pop(std::max(left, std::chrono::milliseconds(0)));
      if (!outcome) break;
      on_outcome(*std::move(outcome));
    }
    if (last_sent) break;
    last_sent = true;
    send_batch(true);
  }
  ledger_.dropped_unreachable = ledger_.told - ledger_.written - ledger_.dropped_queue_full;
  writes_.clear();
  for (const auto& [due_ns, question] : std::exchange(questions_, {})) answers_.push_back({.edge = question.edge, .trace = std::nullopt});
}

}  // namespace suture
