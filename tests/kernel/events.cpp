#include "events.h"

#include <algorithm>
#include <cstring>

namespace suture::kernel_test {
namespace {

template <typename T>
T copy_of(RecordView record) {
  T event{};
  std::memcpy(&event, record.data(), std::min(record.size(), sizeof(event)));
  return event;
}

}  // namespace

std::size_t End::count(connection_what what) const {
  return static_cast<std::size_t>(std::count_if(reports.begin(), reports.end(), [what](const auto& r) { return r.what == what; }));
}

const event_connection& End::report(connection_what what) const {
  return *std::find_if(reports.rbegin(), reports.rend(), [what](const auto& r) { return r.what == what; });
}

void Events::on_record(RecordView record) noexcept {
  ++records_;
  const auto header = copy_of<event_header>(record);
  if (header.flags & EVENT_AFTER_LOSS) ++after_loss_;
  if (header.type == EVENT_DATA) {
    const auto* event = reinterpret_cast<const event_data*>(record.data());
    if (!watched(event->tgid)) return;
    End& end = ends_[event->connection];
    if (end.reports.empty()) ++end.data_before_open;
    Data data{header.time_ns, {event->last_ns[0], event->last_ns[1]}, event->seq, event->call_bytes,
              {event->end_seq[0], event->end_seq[1]}, header.flags, event->direction, event->kind, event->answers_seq,
              std::string(reinterpret_cast<const char*>(event->data), event->data_bytes)};
    end.data.push_back(std::move(data));
  } else if (header.type == EVENT_CONNECTION) {
    const auto event = copy_of<event_connection>(record);
    if (watched(event.tgid)) ends_[event.connection].reports.push_back(event);
  } else if (header.type == EVENT_EXEC) {
    const auto event = copy_of<event_exec>(record);
    if (watched(event.tgid))
      execs_[event.tgid] = {std::string(event.file, event.file_bytes), std::string(event.args, event.args_bytes),
                            event.process_start_ns, event.cgroup_id};
  } else if (header.type == EVENT_FORK) {
    const auto event = copy_of<event_fork>(record);
    if (!watched(event.parent_tgid)) return;
    forks_[event.child_tgid] = event;
    watched_.insert(event.child_tgid);
  } else if (header.type == EVENT_WAKE) {
    const auto event = copy_of<event_wake>(record);
    if (watched(event.tgid)) (event.header.flags & (WAKE_QUEUE | WAKE_RAN) ? at_queue_ : wakes_).push_back(event);
  } else if (header.type == EVENT_THREAD_EXIT) {
    const auto event = copy_of<event_thread_exit>(record);
    if (watched(event.tgid)) thread_exits_.push_back(event);
  } else if (header.type == EVENT_TRACE) {
    const auto event = copy_of<event_trace>(record);
    if (!watched(event.tgid) && event.what != TRACE_CARRIED) return;  // that comes before anybody has read from the connection
    traces_.push_back(event);
    if (event.what == TRACE_BEGUN) return;
    const std::vector<Data>& data = ends_[event.connection].data;
    late_traces_ += std::any_of(data.begin(), data.end(), [&](const Data& each) { return each.seq == event.seq; });
  } else if (header.type == EVENT_EXIT) {
    const auto event = copy_of<event_exit>(record);
    exits_[event.tgid] = event;
  } else if (header.type == EVENT_WITNESS) {
    const auto* event = reinterpret_cast<const event_witness*>(record.data());
    if (watched(event->tgid)) witnesses_.push_back(*event);  // the ring's record has room for all values
  }
}

std::vector<event_trace> Events::traces(trace_what what) const {
  std::vector<event_trace> found;
  std::copy_if(traces_.begin(), traces_.end(), std::back_inserter(found), [what](const event_trace& trace) { return trace.what == what; });
  return found;
}

const End* Events::end_of(connection_role role) const {
  for (const auto& [id, end] : ends_)
    if (!end.reports.empty() && end.last().role == role) return &end;
  return nullptr;
}

const End* Events::end_at(std::uint16_t local_port) const {
  for (const auto& [id, end] : ends_)
    if (!end.reports.empty() && end.last().local_port == local_port) return &end;
  return nullptr;
}

std::size_t Events::data_events() const {
  std::size_t sum = 0;
  for (const auto& [id, end] : ends_) sum += end.data.size();
  return sum;
}

}  // namespace suture::kernel_test
