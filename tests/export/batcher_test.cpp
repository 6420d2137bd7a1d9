#include "export/batcher.h"

#include <gtest/gtest.h>

#include "sample.h"

namespace suture {
namespace {

using std::chrono::milliseconds;

/// Keeps what it is given in a place that outlives it.
class MemorySink final : public SpanSink {
 public:
  explicit MemorySink(std::vector<Batch>& batches) : batches_(batches) {}
  std::string_view name() const override { return "memory"; }
  void send(Batch batch) override { batches_.push_back(std::move(batch)); }
  void flush(milliseconds) override {}
  DeliveryLedger ledger() const override { return {}; }

 private:
  std::vector<Batch>& batches_;
};

class NamedByPid final : public ResourceSource {
 public:
  const Resource& resource_of(const ProcessKey& process) override {
    ++asked;
    resource_ = test::resource("service " + std::to_string(process.tgid));
    return resource_;
  }
  int asked = 0;

 private:
  Resource resource_;
};

class BatcherTest : public ::testing::Test {
 protected:
  Batcher make(std::size_t sink_count, Batcher::Limits limits = {}) {
    batches.resize(sink_count);
    std::vector<std::unique_ptr<SpanSink>> sinks;
    for (auto& kept : batches) sinks.push_back(std::make_unique<MemorySink>(kept));
    return Batcher(std::move(sinks), resources, limits);
  }
  static Span span_of(std::uint32_t tgid, std::uint8_t id) {
    Span span = test::server_span(id);
    span.process.tgid = tgid;
    return span;
  }

  std::vector<std::vector<Batch>> batches;  // per sink
  NamedByPid resources;
  const Batcher::Clock::time_point start = Batcher::Clock::now();
};

TEST_F(BatcherTest, GroupsSpansByProcessInOrderOfFirstAppearance) {
  Batcher batcher = make(1);
  for (auto [tgid, id] : {std::pair{7, 1}, {3, 2}, {7, 3}})
    batcher.add(span_of(static_cast<std::uint32_t>(tgid), static_cast<std::uint8_t>(id)));
  batcher.flush(milliseconds{0});

  ASSERT_EQ(batches[0].size(), 1u);
  const Batch& batch = batches[0][0];
  ASSERT_EQ(batch.groups.size(), 2u);
  EXPECT_EQ(batch.span_count, 3u);
  EXPECT_EQ(batch.groups[0].resource.service_name(), "service 7");
  ASSERT_EQ(batch.groups[0].spans.size(), 2u);
  EXPECT_EQ(batch.groups[0].spans[1].span_id, test::span_id(3));
  EXPECT_EQ(batch.groups[1].resource.service_name(), "service 3");
  EXPECT_EQ(resources.asked, 2);
}

TEST_F(BatcherTest, SendsWhenTheBatchIsFullAndBeginsANewOne) {
  Batcher batcher = make(1, {.spans = 2});
  for (std::uint8_t id = 1; id <= 5; ++id) batcher.add(span_of(1, id));
  ASSERT_EQ(batches[0].size(), 2u);
  EXPECT_EQ(batches[0][1].span_count, 2u);
  EXPECT_EQ(batches[0][1].groups[0].resource.service_name(), "service 1");
}

TEST_F(BatcherTest, SendsBeforeTheBatchBecomesTooHeavy) {
  Span heavy = span_of(1, 1);
  heavy.name.assign(10'000, 'x');
  Batcher batcher = make(1, {.bytes = 10'000});
  batcher.add(std::move(heavy));
  ASSERT_EQ(batches[0].size(), 1u);
  EXPECT_GE(batches[0][0].weight_bytes, 10'000u);
}

TEST_F(BatcherTest, SendsWhatHasWaitedLongEnough) {
  Batcher batcher = make(1);
  batcher.tick(start);
  batcher.add(span_of(1, 1));
  batcher.tick(start + milliseconds{199});
  EXPECT_TRUE(batches[0].empty());
  batcher.tick(start + milliseconds{200});
  EXPECT_EQ(batches[0].size(), 1u);
  batcher.tick(start + milliseconds{900});
  EXPECT_EQ(batches[0].size(), 1u) << "an empty batch must not be sent";
}

class EndingSink final : public SpanSink {
 public:
  explicit EndingSink(std::vector<std::string>& calls) : calls_(calls) {}
  std::string_view name() const override { return "ending"; }
  void send(Batch) override { calls_.emplace_back("send"); }
  void begin_end(milliseconds) override { calls_.emplace_back("begin"); }
  void flush(milliseconds) override { calls_.emplace_back("flush"); }
  DeliveryLedger ledger() const override { return {}; }

 private:
  std::vector<std::string>& calls_;
};

TEST_F(BatcherTest, LetsAllSinksBeginToEndBeforeItWaitsForOne) {
  std::vector<std::string> calls;
  std::vector<std::unique_ptr<SpanSink>> sinks;
  for (int i = 0; i < 2; ++i) sinks.push_back(std::make_unique<EndingSink>(calls));
  Batcher batcher(std::move(sinks), resources);
  batcher.add(span_of(1, 1));
  batcher.flush(milliseconds{100});
  EXPECT_EQ(calls, (std::vector<std::string>{"send", "send", "begin", "begin", "flush", "flush"}));
}

TEST_F(BatcherTest, GivesEverySinkEverySpan) {
  Batcher batcher = make(3);
  batcher.add(span_of(1, 1));
  batcher.flush(milliseconds{0});
  for (const auto& kept : batches) {
    ASSERT_EQ(kept.size(), 1u);
    EXPECT_EQ(kept[0].groups.at(0).spans.at(0).span_id, test::span_id(1));
  }
}

}  // namespace
}  // namespace suture
