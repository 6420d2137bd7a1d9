// The order of facts and events in a recording, and what is redacted of them.
#include "recording/recorder.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include "events.h"
#include "recording/recording_reader.h"

namespace suture {
namespace {

using test::Event;
using test::exec_event;

constexpr std::string_view kArgs("java\0-Dkey=secret\0-jar\0orders.jar", 33);

/// A recorder over a file in memory, and the story of what it wrote.
class RecorderTest : public testing::Test {
 protected:
  struct Story : RecordingVisitor {
    void on_record(std::span<const std::byte> event) override {
      const auto type = reinterpret_cast<const event_header*>(event.data())->type;
      lines.push_back(type == EVENT_EXEC ? "exec" : type == EVENT_DATA ? "data" : "other");
      last.assign(reinterpret_cast<const char*>(event.data()), event.size());
    }
    void on_facts(const ProcessKey&, ProcessFacts&& facts) override {
      lines.push_back("facts " + facts.otel_service_name);
      args = facts.args;
    }
    void on_tick(std::uint64_t) override { lines.push_back("tick"); }
    std::vector<std::string> lines, args;
    std::string last;
  };

  void start(Recorder::Privacy privacy) {
    file_ = Fd(::memfd_create("recording", MFD_CLOEXEC));
    recorder_.emplace(RecordingWriter(Fd(::dup(file_.get())), {}), privacy);
  }

  Story end() {
    recorder_.reset();
    const Fd read = Fd(::open(("/proc/self/fd/" + std::to_string(file_.get())).c_str(), O_RDONLY | O_CLOEXEC));
    RecordingReader reader = std::move(RecordingReader::open("/proc/self/fd/" + std::to_string(read.get()))).value();
    Story story;
    while (reader.next(story)) {
    }
    return story;
  }

  ProcessFacts named(const char* name) {
    ProcessFacts facts;
    facts.otel_service_name = name;
    facts.exe = "/usr/bin/java";
    facts.args = {"java", "-Dkey=secret", "-jar", "orders.jar"};
    return facts;
  }

  Fd file_;
  std::optional<Recorder> recorder_;
};

TEST_F(RecorderTest, PutsFactsBehindTheExecAndBeforeTheDataThatTheyBelongTo) {
  start(Recorder::Privacy::Redacted);
  recorder_->on_facts({1, 1}, named("a"));
  recorder_->on_record(Event(exec_event(1, "/usr/bin/java", kArgs)).bytes(), {});
  recorder_->on_facts({2, 2}, named("b"));
  recorder_->on_record(test::data_event(1, DIRECTION_SEND, DATA_START, 0, "x").bytes(), {});
  recorder_->on_facts({3, 3}, named("c"));
  recorder_->on_tick(1);
  recorder_->on_facts({4, 4}, named("d"));
  EXPECT_EQ(end().lines,
            (std::vector<std::string>{"exec", "facts a", "facts b", "data", "facts c", "tick", "facts d"}));
}

TEST_F(RecorderTest, BlanksArgumentsThatDoNotNameTheProcess) {
  start(Recorder::Privacy::Redacted);
  recorder_->on_facts({1, 1}, named("a"));
  recorder_->on_record(Event(exec_event(1, "/usr/bin/java", kArgs)).bytes(), {});
  const Story story = end();
  EXPECT_EQ(story.args, (std::vector<std::string>{"java", "-****=******", "-jar", "orders.jar"}));
  const auto& exec = *reinterpret_cast<const event_exec*>(story.last.data());
  EXPECT_EQ(std::string_view(exec.args, exec.args_bytes), std::string_view("java\0-****=******\0-jar\0orders.jar", 33));
}

TEST_F(RecorderTest, RedactsDataBySegments) {
  start(Recorder::Privacy::Redacted);
  const Segment head = {0, 17, PieceClass::Head};
  recorder_->on_record(test::data_event(1, DIRECTION_SEND, DATA_START, 0, "X /?k=s \r\nA: s\r\n\r\nbody").bytes(),
                       {&head, 1});
  EXPECT_EQ(end().last.substr(sizeof(event_data)), "X /?k=x \r\nA: x\r\n\r\nxxxx");
}

TEST_F(RecorderTest, KeepsEverythingWhereAskedTo) {
  start(Recorder::Privacy::Raw);
  recorder_->on_facts({1, 1}, named("a"));
  const Event data = test::data_event(1, DIRECTION_SEND, DATA_START, 0, "secret");
  recorder_->on_record(data.bytes(), {});
  const Story story = end();
  EXPECT_EQ(story.args, named("a").args);
  EXPECT_EQ(story.last.substr(sizeof(event_data)), "secret");
}

TEST_F(RecorderTest, ForgetsAConnectionThatIsClosed) {
  start(Recorder::Privacy::Redacted);
  const Segment head = {0, 7, PieceClass::Head};
  recorder_->on_record(test::data_event(1, DIRECTION_SEND, DATA_START, 0, "X / \r\nA").bytes(), {&head, 1});
  event_connection closed{};
  closed.header.type = EVENT_CONNECTION;
  closed.connection = 1;
  closed.what = CONNECTION_CLOSED;
  recorder_->on_record(Event(closed).bytes(), {});
  recorder_->on_record(test::data_event(1, DIRECTION_SEND, DATA_CONTINUE, 7, "secrets").bytes(), {&head, 1});
  EXPECT_EQ(end().last.substr(sizeof(event_data)), "xxxxxxx");
}

TEST(RedactExec, LeavesAnEventOfAnyBytesWithinItsArrays) {
  event_exec event = exec_event(1, "/bin/x", "");
  std::memset(event.args, 's', sizeof event.args);
  event.args_bytes = 0xffff;
  redact_exec(event);
  EXPECT_EQ(std::string_view(event.args, sizeof event.args), std::string(sizeof event.args, 's')) << "args[0] stays";
  event = exec_event(1, "/usr/bin/python3", std::string_view("python3\0\0\0-csecret\0\0", 20));
  redact_exec(event);
  EXPECT_EQ(std::string_view(event.args, event.args_bytes).substr(0, 8), std::string_view("python3\0", 8));
}

}  // namespace
}  // namespace suture
