// Recordings written and read back: every kind of record, files that are cut, broken, or of a newer suture.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "events.h"
#include "recording/recording.pb.h"
#include "recording/recording_reader.h"
#include "recording/recording_writer.h"

namespace suture {
namespace {

using test::Event;
using test::patterned;

class RecordingTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "suture-recording-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    header_.version = "1.2.3";
    header_.id_seed.bytes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    header_.kernel = "6.18";
    header_.hooks = {"socket-io=tp_btf", "process-life=tp_btf"};
    header_.start = {1000, 2000};
    header_.host = {"box\xff", "m1", "amd64", -5};
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string path() const { return (directory_ / "r").string(); }
  RecordingWriter writer() { return std::move(RecordingWriter::create(path(), header_)).value(); }
  std::string file() const {
    std::ifstream stream(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  std::filesystem::path directory_;
  RecordingHeader header_;
};

struct Visitor : RecordingVisitor {
  void on_record(std::span<const std::byte> event) override {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(event.data()) % 8, 0u);
    records.emplace_back(reinterpret_cast<const char*>(event.data()), event.size());
  }
  void on_facts(const ProcessKey& key, ProcessFacts&& facts) override {
    keys.push_back(key);
    all_facts.push_back(std::move(facts));
  }
  void on_anchor(const ClockAnchor& anchor) override { anchors.push_back(anchor); }
  void on_tick(std::uint64_t time_ns) override { ticks.push_back(time_ns); }
  void on_counters(const CounterSnapshot& snapshot) override { counters.push_back(snapshot); }

  std::vector<std::string> records;
  std::vector<ProcessKey> keys;
  std::vector<ProcessFacts> all_facts;
  std::vector<ClockAnchor> anchors;
  std::vector<std::uint64_t> ticks;
  std::vector<CounterSnapshot> counters;
};

std::string text(const Event& event) {
  return {reinterpret_cast<const char*>(event.bytes().data()), event.bytes().size()};
}

/// One of each kind, with every field of every event filled.
std::vector<Event> all_events() {
  auto data = patterned<event_data>(EVENT_DATA);
  data.direction = DIRECTION_SEND;
  data.kind = DATA_TAIL;
  data.data_bytes = 5;
  data.pad = 0;
  auto connection = patterned<event_connection>(EVENT_CONNECTION);
  connection.what = CONNECTION_CLOSED;
  connection.role = ROLE_SERVER;
  connection.verdict = VERDICT_UPGRADED;
  connection.have_isn = 1;
  connection.peer_closed = 1;
  std::memset(connection.pad, 0, sizeof connection.pad);
  event_unix_connection paths{};
  paths.local_bytes = sizeof paths.local_path;
  std::memset(paths.local_path, 'l', sizeof paths.local_path);
  paths.remote_bytes = 3;
  std::memcpy(paths.remote_path, "\0r\xff", 3);
  auto exec = patterned<event_exec>(EVENT_EXEC);
  exec.file_bytes = sizeof exec.file;
  exec.args_bytes = sizeof exec.args;
  auto witness = patterned<event_witness>(EVENT_WITNESS);
  witness.point = WITNESS_RESPONSE_SENT;
  witness.values = SUTURE_WITNESS_VALUES;
  witness.pad = 0;
  witness.thread.pad = witness.bound.pad = 0;
  auto of_several = witness;
  of_several.bound.connection = 0;
  auto exit = patterned<event_exit>(EVENT_EXIT);
  exit.pad = 0;
  auto wake = patterned<event_wake>(EVENT_WAKE);
  wake.pad = wake.token.pad = wake.context.pad = 0;
  auto trace = patterned<event_trace>(EVENT_TRACE);
  trace.what = TRACE_CARRIED;
  trace.pad[0] = trace.pad[1] = 0;
  trace.cause.pad = 0;
  auto written = trace;
  written.inserted_bytes = 3;
  return {Event(data, std::string_view("a\0b\xff\n", 5)), Event(connection),
          Event(connection, std::string_view(reinterpret_cast<const char*>(&paths) + sizeof connection, sizeof paths - sizeof connection)), Event(exec),
          Event(patterned<event_fork>(EVENT_FORK)), Event(exit), Event(witness), Event(of_several), Event(wake),
          Event(patterned<event_thread_exit>(EVENT_THREAD_EXIT)), Event(trace), Event(written, "a=1")};
}

TEST_F(RecordingTest, GivesBackEveryEventByteForByte) {
  const std::vector<Event> events = all_events();
  {
    RecordingWriter out = writer();
    for (const Event& event : events) out.write_event(event.bytes());
    EXPECT_EQ(out.counters().refused.get(), 0u);
  }
  RecordingReader reader = std::move(RecordingReader::open(path())).value();
  Visitor visitor;
  while (reader.next(visitor)) {
  }
  ASSERT_EQ(visitor.records.size(), events.size());
  for (std::size_t i = 0; i < events.size(); ++i) EXPECT_EQ(visitor.records[i], text(events[i])) << i;
  EXPECT_FALSE(reader.broken_end());
}

TEST_F(RecordingTest, GivesBackHeaderFactsAnchorsTicksAndCounters) {
  ProcessFacts facts;
  facts.pid = 42;
  facts.start_ns = 43;
  facts.owner_uid = 44;
  facts.exe = "exe\xff";
  facts.comm = "comm";
  facts.cwd = "cwd";
  facts.args = {"a", "", "b"};
  facts.otel_service_name = "name";
  facts.otel_resource_attributes = "a=b";
  facts.cgroup_path = "/c";
  facts.container_id = "id";
  facts.systemd_unit = "unit";
  facts.package_name = "package";
  facts.traceparent = "parent";
  facts.tracestate = "state";
  facts.published = {{"service.name", "shop"}, {"k", ""}};
  facts.complete = true;
  const CounterSnapshot counters = {{"ring_full", 1}, {"unreadable", ~0ull}};
  {
    RecordingWriter out = writer();
    out.write_tick(7);
    out.write_facts({42, 43}, facts);
    out.write_anchor({-1, 9});
    out.write_counters(counters);
    out.write_tick(8);
  }
  RecordingReader reader = std::move(RecordingReader::open(path())).value();
  EXPECT_EQ(reader.header().version, header_.version);
  EXPECT_EQ(reader.header().id_seed, header_.id_seed);
  EXPECT_TRUE(reader.header().redacted);
  EXPECT_EQ(reader.header().kernel, header_.kernel);
  EXPECT_EQ(reader.header().hooks, header_.hooks);
  EXPECT_EQ(reader.header().start.monotonic_ns, 1000);
  EXPECT_EQ(reader.header().start.unix_ns, 2000);
  EXPECT_EQ(reader.header().host, header_.host);
  Visitor visitor;
  while (reader.next(visitor)) {
  }
  EXPECT_EQ(visitor.keys, (std::vector<ProcessKey>{{42, 43}}));
  EXPECT_EQ(visitor.all_facts, std::vector<ProcessFacts>{facts});
  EXPECT_EQ(visitor.ticks, (std::vector<std::uint64_t>{7, 8}));
  ASSERT_EQ(visitor.anchors.size(), 1u);
  EXPECT_EQ(visitor.anchors[0].monotonic_ns, -1);
  EXPECT_EQ(visitor.anchors[0].unix_ns, 9);
  EXPECT_EQ(visitor.counters, std::vector<CounterSnapshot>{counters});
  EXPECT_EQ(reader.counters().records, 5u);
  EXPECT_EQ(reader.counters().unknown_fields, 0u);
}

TEST_F(RecordingTest, IsReadableByItsOwnerAlone) {
  writer();
  EXPECT_EQ(std::filesystem::status(path()).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(RecordingTest, HoldsMoreThanItsBuffers) {
  constexpr std::uint64_t kTicks = 200'000;
  {
    RecordingWriter out = writer();
    for (std::uint64_t i = 0; i < kTicks; ++i) out.write_tick(i);
  }
  RecordingReader reader = std::move(RecordingReader::open(path())).value();
  Visitor visitor;
  while (reader.next(visitor)) {
  }
  ASSERT_EQ(visitor.ticks.size(), kTicks);
  EXPECT_EQ(visitor.ticks.back(), kTicks - 1);
}

TEST_F(RecordingTest, UsesAllRecordsBeforeACut) {
  {
    RecordingWriter out = writer();
    for (const Event& event : all_events()) out.write_event(event.bytes());
  }
  const std::string whole = file();
  std::size_t most = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    Result<RecordingReader> reader = RecordingReader::from_bytes(whole.substr(0, size));
    if (!reader) continue;
    Visitor visitor;
    while (reader->next(visitor)) {
    }
    EXPECT_GE(visitor.records.size(), most);
    most = visitor.records.size();
    std::uint64_t at_boundary = reader->broken_end() ? 0 : 1;
    EXPECT_LE(most + at_boundary, all_events().size()) << size;
  }
  EXPECT_EQ(most, all_events().size() - 1);
}

TEST_F(RecordingTest, SaysWhatIsNoRecording) {
  EXPECT_FALSE(RecordingReader::open((directory_ / "none").string()));
  const std::string magic(kRecordingMagic);
  for (const std::string& bytes : {std::string(), std::string("suture"), std::string("something else entirely"), magic,
                                   magic + "\x05", magic + std::string(1, '\0')}) {
    Result<RecordingReader> reader = RecordingReader::from_bytes(bytes);
    ASSERT_FALSE(reader) << bytes;
    EXPECT_NE(reader.error().find("recording"), std::string::npos);
  }
}

// ---- records of other suture versions and of nobody

/// A record as it stands in the file.
std::string framed(const std::string& record) {
  EXPECT_LT(record.size(), 128u);
  return static_cast<char>(record.size()) + record;
}

class ForeignRecordTest : public RecordingTest {
 protected:
  void SetUp() override {
    RecordingTest::SetUp();
    writer();
    bytes_ = file();
  }
  void add(const recording::v1::Record& record) { bytes_ += framed(record.SerializeAsString()); }
  void read() {
    reader_.emplace(std::move(RecordingReader::from_bytes(bytes_)).value());
    while (reader_->next(visitor_)) {
    }
  }
  void add_tick(std::uint64_t time_ns) {
    recording::v1::Record record;
    record.mutable_tick()->set_time_ns(time_ns);
    add(record);
  }

  std::string bytes_;
  std::optional<RecordingReader> reader_;
  Visitor visitor_;
};

TEST_F(ForeignRecordTest, SkipsAndCountsRecordsOfANewerKind) {
  bytes_ += framed("\xa2\x06\x03new");  // field 100, length-delimited
  bytes_ += framed("");
  add_tick(7);
  read();
  EXPECT_EQ(visitor_.ticks, std::vector<std::uint64_t>{7});
  EXPECT_EQ(reader_->counters().unknown_records, 2u);
  EXPECT_FALSE(reader_->broken_end());
}

TEST_F(ForeignRecordTest, UsesAndCountsRecordsWithNewerFields) {
  bytes_ += framed(std::string("\x4a\x07\x08\x09\xa2\x06\x02hi", 9));  // tick { time_ns: 9, 100: "hi" }
  read();
  EXPECT_EQ(visitor_.ticks, std::vector<std::uint64_t>{9});
  EXPECT_EQ(reader_->counters().unknown_fields, 1u);
}

TEST_F(ForeignRecordTest, SkipsAndCountsWhatDoesNotParse) {
  bytes_ += framed("\x4a\x7f");  // tick longer than its record
  bytes_ += framed("\xff\xff\xff");
  add_tick(7);
  read();
  EXPECT_EQ(visitor_.ticks, std::vector<std::uint64_t>{7});
  EXPECT_EQ(reader_->counters().bad_records, 2u);
}

TEST_F(ForeignRecordTest, StopsAtALengthThatCannotBe) {
  add_tick(7);
  bytes_ += "\xff\xff\xff\xff\x0f";
  add_tick(8);
  read();
  EXPECT_EQ(visitor_.ticks, std::vector<std::uint64_t>{7});
  ASSERT_TRUE(reader_->broken_end());

  bytes_ = bytes_.substr(0, bytes_.size() - 9) + std::string(11, '\x80');
  read();
  EXPECT_TRUE(reader_->broken_end());
}

TEST_F(ForeignRecordTest, RefusesEventsThatNoKernelProgramSends) {
  using recording::v1::Record;
  using Spoil = void (*)(Record&);
  const Spoil spoils[] = {
      [](Record& r) { r.mutable_data()->set_direction(2); },
      [](Record& r) { r.mutable_data()->set_kind(0); },
      [](Record& r) { r.mutable_data()->set_kind(4); },
      [](Record& r) { r.mutable_data()->set_bytes("more than the call moved"); },
      [](Record& r) { r.mutable_data()->mutable_event()->set_flags(0x10000); },
      [](Record& r) { r.mutable_connection()->set_what(0); },
      [](Record& r) { r.mutable_connection()->set_what(5); },
      [](Record& r) { r.mutable_connection()->set_role(3); },
      [](Record& r) { r.mutable_connection()->set_verdict(7); },
      [](Record& r) { r.mutable_connection()->set_have_isn(2); },
      [](Record& r) { r.mutable_connection()->set_peer_closed(2); },
      [](Record& r) { r.mutable_connection()->set_local_port(0x10000); },
      [](Record& r) { r.mutable_connection()->set_family(256); },
      [](Record& r) { r.mutable_connection()->set_local_address(std::string(17, 'a')); },
      [](Record& r) { r.mutable_exec()->mutable_event()->set_flags(0x10000); },
      [](Record& r) { r.mutable_header(); },
  };
  std::size_t good = 0;
  for (const Spoil spoil : spoils) {
    for (const bool spoiled : {false, true}) {
      Record record;
      record.mutable_data()->set_kind(DATA_START);
      Record connection;
      connection.mutable_connection()->set_what(CONNECTION_OPEN);
      Record exec;
      exec.mutable_exec();
      Record probe;
      spoil(probe);
      Record& chosen = probe.has_connection() ? connection : probe.has_exec() ? exec : record;
      if (spoiled) spoil(chosen); else ++good;
      add(chosen);
    }
  }
  read();
  EXPECT_EQ(visitor_.records.size(), good);
  EXPECT_EQ(reader_->counters().bad_records, std::size(spoils));
}

TEST_F(RecordingTest, RefusesToWriteWhatIsNoEvent) {
  RecordingWriter out = writer();
  event_data data{};
  data.header.type = EVENT_DATA;
  data.data_bytes = 10;
  event_header unknown{};
  unknown.type = 99;
  out.write_event(Event(data, "short").bytes());
  out.write_event(Event(data).bytes().first(20));
  out.write_event(std::as_bytes(std::span(&unknown, 1)));
  out.write_event({});
  EXPECT_EQ(out.counters().refused.get(), 4u);
}

TEST_F(RecordingTest, SaysOnceThatAWriteFailedAndCountsWhatFollows) {
  RecordingWriter out(Fd(::open("/dev/full", O_WRONLY | O_CLOEXEC)), header_);
  out.write_tick(1);
  out.flush();
  const auto complaint = out.take_complaint();
  ASSERT_TRUE(complaint);
  EXPECT_NE(complaint->find("No space left"), std::string::npos) << *complaint;
  out.write_tick(2);
  out.flush();
  EXPECT_FALSE(out.take_complaint());
  EXPECT_EQ(out.counters().dropped.get(), 1u);
}

TEST_F(RecordingTest, CannotBeCreatedWhereThereIsNoDirectory) {
  const auto result = RecordingWriter::create((directory_ / "none" / "r").string(), header_);
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().find("No such file"), std::string::npos);
}

}  // namespace
}  // namespace suture
