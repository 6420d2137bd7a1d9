#pragma once
// Events: a RecordSink that keeps what some processes did, connection by connection.

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "kernel/record_sink.h"
#include "wire/event.h"

namespace suture::kernel_test {

/// One EVENT_DATA.
struct Data {
  std::uint64_t time_ns = 0, last_ns[2]{};
  std::uint32_t seq = 0, call_bytes = 0, end_seq[2]{};
  std::uint16_t flags = 0;
  std::uint8_t direction = 0, kind = 0;
  std::uint32_t answers_seq = 0;
  std::string bytes;
};

/// One end of a connection, as the events tell it, in order.
struct End {
  std::vector<event_connection> reports;
  std::vector<Data> data;
  std::size_t data_before_open = 0;

  std::size_t count(connection_what what) const;
  /// The last report of this kind. There must be one.
  const event_connection& report(connection_what what) const;
  const event_connection& last() const { return reports.back(); }
};

struct Execed {
  std::string file, args;
  std::uint64_t process_start_ns = 0, cgroup_id = 0;
};

class Events final : public RecordSink {
 public:
  void on_record(RecordView record) noexcept override;

  /// Keeps the events of this process and of those that it forks, from here on. Those of others are only counted.
  void watch(pid_t tgid) { watched_.insert(static_cast<std::uint32_t>(tgid)); }

  /// Forgets what was kept, not how many came.
  void clear() { ends_.clear(); }

  std::uint64_t records() const { return records_; }
  /// Those that say that others were lost.
  std::uint64_t after_loss() const { return after_loss_; }
  const std::map<std::uint64_t, End>& ends() const { return ends_; }
  /// The one connection end with this role, or port.
  const End* end_of(connection_role role) const;
  const End* end_at(std::uint16_t local_port) const;
  std::size_t data_events() const;

  const std::map<std::uint32_t, Execed>& execs() const { return execs_; }
  const std::map<std::uint32_t, event_fork>& forks() const { return forks_; }  // by child
  const std::map<std::uint32_t, event_exit>& exits() const { return exits_; }
  const std::vector<event_witness>& witnesses() const { return witnesses_; }
  const std::vector<event_wake>& wakes() const { return wakes_; }
  /// Of threads that work on nothing, and of threads with requests that go to sleep.
  const std::vector<event_wake>& at_queue() const { return at_queue_; }
  const std::vector<event_thread_exit>& thread_exits() const { return thread_exits_; }
  const std::vector<event_trace>& traces() const { return traces_; }
  std::vector<event_trace> traces(trace_what what) const;
  /// Of requests whose bytes had come before.
  std::size_t late_traces() const { return late_traces_; }

 private:
  bool watched(std::uint32_t tgid) const { return watched_.count(tgid) != 0; }

  std::set<std::uint32_t> watched_;
  std::uint64_t records_ = 0;
  std::uint64_t after_loss_ = 0;
  std::map<std::uint64_t, End> ends_;
  std::map<std::uint32_t, Execed> execs_;
  std::map<std::uint32_t, event_fork> forks_;
  std::map<std::uint32_t, event_exit> exits_;
  std::vector<event_witness> witnesses_;
  std::vector<event_wake> wakes_, at_queue_;
  std::vector<event_thread_exit> thread_exits_;
  std::vector<event_trace> traces_;
  std::size_t late_traces_ = 0;
};

}  // namespace suture::kernel_test
