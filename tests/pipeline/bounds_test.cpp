// What does not fit, what makes no sense, and what came too late to be understood: counted, and nothing worse.
#include <random>

#include "wire.h"

namespace suture::test {
namespace {

TEST(PipelineBounds, CountsDataOfAConnectionItWasNotToldOf) {
  Wire wire;
  event_data event{};
  event.header.type = EVENT_DATA;
  event.connection = 99;
  event.kind = DATA_START;
  const std::string text = get("/a");
  event.data_bytes = static_cast<std::uint16_t>(text.size());
  event.call_bytes = event.data_bytes;
  wire.emit(&event, sizeof event, text);
  EXPECT_EQ(wire.pipeline.counters().unknown_connection.get(), 1u);
  EXPECT_EQ(wire.pipeline.counters().malformed.get(), 0u);
}

TEST(PipelineBounds, CountsRecordsOfNoKnownShape) {
  const event_data data{};
  const event_connection connection{};
  const auto typed = [](auto event, std::uint16_t type) {
    event.header.type = type;
    return event;
  };
  Wire wire;
  std::uint64_t bad = 0;
  const auto refuse = [&](const auto& event, std::size_t size, const char* what) {
    wire.emit(&event, size);
    EXPECT_EQ(wire.pipeline.counters().malformed.get(), ++bad) << what;
  };
  refuse(data, 0, "nothing at all");
  refuse(typed(data, EVENT_DATA), sizeof(event_header) - 1, "less than a header");
  refuse(typed(data, EVENT_DATA), sizeof(event_header), "a header alone");
  refuse(typed(data, EVENT_DATA), sizeof(event_data) - 8, "data cut in its fields");
  refuse(typed(connection, EVENT_CONNECTION), sizeof(event_connection) - 8, "a connection that is cut");
  for (const std::uint16_t type : {EVENT_EXEC, EVENT_FORK, EVENT_EXIT})
    refuse(typed(data, type), sizeof(event_header), "a process event that is cut");
  refuse(typed(connection, 0), sizeof connection, "no type");
  refuse(typed(connection, 77), sizeof connection, "a type of tomorrow");

  event_data long_data = typed(data, EVENT_DATA);
  long_data.data_bytes = 100;
  refuse(long_data, sizeof long_data, "more data than the record has");
  EXPECT_EQ(wire.pipeline.counters().received.get(), bad);
}

TEST(PipelineBounds, SurvivesAnyBytes) {
  std::mt19937 random(1);
  Wire wire;
  Socket& client = wire.connect();
  exchange(client);
  for (int i = 0; i < 20'000; ++i) {
    std::string record(random() % 900, '\0');
    // Mostly zeros: small numbers get further than large ones.
    for (char& byte : record) byte = random() % 4 ? '\0' : static_cast<char>(random());
    if (record.size() >= sizeof(event_connection)) {
      record[0] = static_cast<char>(1 + random() % 6), record[1] = 0;
      record.replace(8, 8, std::string(8, '\0'));                                                     // its time
      record.replace(16, 8, std::string(1, static_cast<char>(random() % 3)) + std::string(7, '\0'));  // the connection
    }
    wire.emit(record.data(), record.size());
  }
  EXPECT_EQ(wire.pipeline.counters().received.get(), wire.records);
  wire.pipeline.finish();
}

TEST(PipelineBounds, RefusesConnectionsThatItHasNoRoomFor) {
  PipelineOptions options;
  options.connections = 4;
  Wire wire(std::move(options));
  Socket& one = wire.connect();
  Socket& two = wire.connect();
  Socket& three = wire.connect();
  exchange(one), exchange(two);
  wire.settled();
  exchange(three);
  EXPECT_EQ(wire.settled(), "");
  EXPECT_EQ(wire.pipeline.connections(), 4u);
  EXPECT_EQ(wire.pipeline.counters().connections_refused.get(), 2u);
  EXPECT_EQ(wire.pipeline.counters().unknown_connection.get(), 4u);

  one.gone(), one.peer().gone();
  Socket& four = wire.connect();
  exchange(four);
  EXPECT_EQ(wire.settled(), "server GET /a 204 under client GET /a\nclient GET /a 204 root\n");
}

TEST(PipelineBounds, ConnectionsWhoseEndWasLostMakeRoomInTime) {
  PipelineOptions options;
  options.connections = 4;
  Wire wire(std::move(options));
  Socket& lost = wire.connect();
  Socket& alive = wire.connect();
  exchange(lost), exchange(alive);
  wire.wait(130'000 * kMs);
  exchange(alive);
  wire.settled();
  exchange(wire.connect(), "/new");
  EXPECT_EQ(wire.settled(), "server GET /new 204 under client GET /new\nclient GET /new 204 root\n");
  EXPECT_EQ(wire.pipeline.counters().connections_evicted.get(), 2u);
  exchange(alive, "/alive");
  EXPECT_EQ(wire.settled(), "server GET /alive 204 under client GET /alive\nclient GET /alive 204 root\n");
}

TEST(PipelineBounds, AnOpeningThatFoundTheRingFullComesAgain) {
  Wire wire;
  wire.lost = {0};
  Socket& client = wire.connect();
  client.peer().unobserved();
  exchange(client, "/a");
  exchange(client, "/b");
  EXPECT_EQ(wire.settled(), "client GET /b 204 root\n");
}

TEST(PipelineBounds, ForgetsAConnectionWithItsSocket) {
  Wire wire;
  for (int i = 0; i < 100; ++i) {
    Socket& client = wire.connect();
    client.send(get("/a"));
    client.gone(), client.peer().gone();
  }
  EXPECT_EQ(wire.pipeline.connections(), 0u);
  EXPECT_EQ(wire.pipeline.http_counters().exchanges.get(), 200u);
}

}  // namespace
}  // namespace suture::test
