#pragma once
// Wire: tells a whole Pipeline a story, playing the kernel:
//
//   Wire wire;
//   Socket& client = wire.connect();           // and client.peer() accepts
//   client.send("GET /a HTTP/1.1\r\n\r\n");    // one call writes, one call of the peer reads
//   client.peer().send("HTTP/1.1 204 No Content\r\n\r\n");
//   EXPECT_EQ(wire.seen(), "server GET /a 204 under client GET /a\nclient GET /a 204 root\n");
//
// A Socket decides like bpf/core/io.bpf.h which bytes leave the kernel: heads, and of bodies what shares a head's
// record of at most 1 KiB. Each call takes place 1000 ns after the one before it. After every record the ledger of
// spans must hold.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline.h"

namespace suture::test {

class Wire;

inline constexpr std::uint64_t kMs = 1'000'000;
inline constexpr ProcessKey kCurl{100, 5}, kShop{200, 6};  // of the two ends, where a story says nothing else
inline constexpr ProcessKey kStock{300, 7};                // whom the shop asks, where a story has three
inline constexpr std::uint16_t kServerPort = 8080;

/// One end of a connection, and what the kernel's programs know of it.
class Socket {
 public:
  Socket(Wire& wire, std::uint64_t id, ProcessKey process, bool client);

  Socket& peer() { return *peer_; }

  /// One call writes the text, and one call of the peer reads it.
  void send(std::string_view text) { send_in(text, text.size(), text.size()); }
  /// The same in calls of at most so many bytes.
  void send_in(std::string_view text, std::size_t write_size, std::size_t read_size);
  void write(std::string_view text) { write_part(text, text.size()); }
  /// A call that tries to write the text and moves only the first bytes of it.
  void write_part(std::string_view text, std::size_t moved);
  void read(std::string_view text);
  /// The kernel's programs announce this context and insert `line` behind the first line of what the process sends because of the
  /// first request that was received on `in`.
  void send_written(std::string_view text, const event_trace& context, std::string_view line, const Socket& in);
  /// They have begun a trace with the first request that this end has received.
  void begins(const event_trace& context);
  /// A context came along with what is read next, beside the bytes.
  void is_told(const event_trace& context);
  /// Bytes that are in no user memory: the write is seen, the bytes are not. The peer, if looked at, must be
  /// unobserved.
  void sendfile(std::uint64_t bytes);

  /// This end's process closes; the other end notices.
  void close();
  /// The socket is gone.
  void gone(int error = 0);
  /// The sweep comes past.
  void sweep();

  /// A Unix socket of which bytes were missed.
  void doubt();

  /// From now on another process uses the socket (it inherited or was passed it).
  void used_by(ProcessKey process) { user_ = process; }
  /// Nobody looks at this end: its process is on another host.
  void unobserved() { observed_ = false; }
  /// Requests from here on are shed, until told otherwise. To be said of the end that looks.
  void shed(bool on) { shedding_ = on; }
  /// Bytes that moved before the agent was there.
  void moved_before(std::uint64_t sent, std::uint64_t received);

  /// The other end's address, as this one has it.
  void from(const std::array<std::uint8_t, 4>& address) { std::copy(address.begin(), address.end(), facts_.remote_address); }
  std::uint32_t isn_own() const { return facts_.isn_own; }
  std::uint32_t isn_peer() const { return facts_.isn_peer; }

  std::uint64_t id() const { return id_; }
  bool http() const { return facts_.verdict == VERDICT_HTTP; }

 private:
  friend class Wire;
  struct Call {
    std::uint8_t direction;
    std::string_view text;
    std::uint32_t seq;
    bool exact;
    std::uint64_t time_ns;
  };

  void judge(const Call& call);
  bool sheds(const Call& call);
  void message(const Call& call);
  void tail(const Call& call);
  void note(const Call& call);
  bool record(const Call& call, data_kind kind, std::size_t from, std::string_view data, std::size_t call_bytes);
  bool report(connection_what what, int error = 0);
  void take_head(std::uint8_t direction, std::string_view bytes);
  std::uint32_t seq(std::uint8_t direction) const;

  Wire& wire_;
  Socket* peer_ = nullptr;
  const std::uint64_t id_;
  ProcessKey user_;
  event_connection facts_{};
  std::uint64_t total_[2] = {0, 0};
  std::uint64_t last_ns_[2] = {0, 0};
  std::string head_[2];  // of the message whose head is under way
  bool need_[2] = {false, false};
  std::uint8_t last_direction_ = 2, request_direction_ = 2;
  std::uint32_t kept_end_[2] = {0, 0};
  bool shedding_ = false, shed_ = false;
  bool announced_ = false, pipelined_ = false, moved_ = false, observed_ = true;
};

/// Where the spans end up.
class MemorySink final : public SpanSink {
 public:
  MemorySink(std::vector<Span>& spans, std::vector<std::string>& services) : spans_(spans), services_(services) {}
  std::string_view name() const override { return "memory"; }
  void send(Batch batch) override;
  void flush(std::chrono::milliseconds) override {}
  DeliveryLedger ledger() const override { return {}; }

 private:
  std::vector<Span>& spans_;
  std::vector<std::string>& services_;
};

class Wire final : public KernelControl, public EdgeSink {
 public:
  explicit Wire(PipelineOptions options = {}, FactsSource* facts = nullptr);

  /// A handshake on one host; returns the client's end.
  Socket& connect(ProcessKey client = kCurl, ProcessKey server = kShop, std::uint16_t port = kServerPort);

  /// The same over a Unix socket.
  Socket& connect_unix();

  /// The thread that has sent the first request on `out` works on the first one received on `in`.
  void works_for(const Socket& out, const Socket& in);
  /// The runtime's name of what reads the first request of `socket`, or of what waits for its response.
  void named(const Socket& socket, witness_point point, std::uint64_t name);

  /// Sends are seen when they begin and may move less; else when they are done.
  bool sends_at_entry = true;
  /// Numbers of records that find the ring full; the first is 0.
  std::set<std::size_t> lost;
  std::size_t records = 0;

  /// Time passes, with ticks; with `sweeps`, sweeps as the agent orders them.
  void wait(std::uint64_t ns, bool sweeps = false);
  void fork(ProcessKey parent, ProcessKey child);
  void exec(ProcessKey process, std::string_view file);
  /// The same, and /proc has told this of it.
  void start(ProcessKey process, ProcessFacts facts);
  void exit(ProcessKey process);
  event_witness witness_of(const Socket& socket, witness_point point) const;
  /// The next record finds the ring full, and is counted as one that did.
  bool ring_is_full();
  /// False: the ring was full.
  bool emit(const void* event, std::size_t size, std::string_view data = {});

  /// What was exported since the last time, a line each: "server GET /a 204 under client GET /a".
  std::string seen();
  /// The same after everything that waits for another end has settled.
  std::string settled() {
    wait(500 * kMs);
    return seen();
  }
  static std::string title_of(const Span& span);

  void deny(std::uint32_t tgid) override { denied.push_back(tgid); }
  bool look_for_runtime(const ProcessKey& process) override {
    looked_at.push_back(process.tgid);
    return watch_has_room;
  }
  void forget_runtime(const ProcessKey& process) override { forgotten.push_back(process.tgid); }
  void hands_over(std::uint32_t, bool) override {}
  void trace(std::uint32_t tgid, std::optional<std::uint32_t> evidence) override { traced.emplace_back(tgid, evidence); }
  void on_edge(const Edge& edge, const Resource& resource) override {
    edges.push_back(edge);
    edge_services.emplace_back(resource.service_name());
  }

  std::uint64_t now_ns = 1'000'000'000;
  std::vector<Span> spans;
  std::vector<std::uint32_t> denied, looked_at, forgotten;
  std::vector<std::pair<std::uint32_t, std::optional<std::uint32_t>>> traced;
  bool watch_has_room = true;
  std::vector<Edge> edges;
  std::vector<std::string> edge_services;
  std::vector<std::string> services;  // of the spans
  std::deque<Socket> sockets;

 private:
  std::string parent_of(const Span& span) const;
  void check_ledger() const;

  std::vector<std::unique_ptr<SpanSink>> memory_sink();

  SeededIdSource ids_{IdKey{{1, 2, 3}}};
  ProcessTable processes_;
  Batcher batcher_;
  std::size_t told_ = 0;
  std::uint64_t last_sweep_ns_ = 0;

 public:
  Pipeline pipeline;
};

// Bodies of the stories.

inline std::string get(std::string_view target, std::string_view fields = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n";
}
inline const std::string kNoContent = "HTTP/1.1 204 No Content\r\n\r\n";
inline std::string ok(std::size_t length) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n" + std::string(length, 'b');
}
inline std::string chunk(std::size_t length) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", length);
  return size + std::string(length, 'c') + "\r\n";
}
inline const std::string kChunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
inline const std::string kLastChunk = "0\r\n\r\n";

/// A request, and its answer.
inline void exchange(Socket& client, const char* target = "/a", std::string_view answer = kNoContent, std::string_view fields = "") {
  client.send(get(target, fields));
  client.peer().send(answer);
}

/// The client's process closes, then the server's, and both sockets are gone.
inline void close(Socket& client) {
  client.close();
  client.peer().close();
  client.gone();
  client.peer().gone();
}

}  // namespace suture::test
