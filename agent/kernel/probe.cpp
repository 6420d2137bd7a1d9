#include "kernel/probe.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <unordered_set>

#include "kernel/loader.h"
#include "kernel/mapped_pages.h"
#include "wire/limits.h"
#include "wire/spare.h"

namespace suture {
namespace {

/// An mmapable array, writable.
template <typename T>
class MappedArray {
 public:
  bool map(int fd, std::size_t count) { return pages_.map(fd, sizeof(T) * count, PROT_READ | PROT_WRITE, 0); }
  T* get() const { return reinterpret_cast<T*>(pages_.get()); }

 private:
  MappedPages pages_;
};

void set_mark(process_marks& marks, std::uint32_t tgid, process_mark mark, bool on) {
  const std::uint32_t bit = (tgid & (SUTURE_PID_MAX - 1)) * SUTURE_MARK_BITS;
  std::atomic_ref<__suture_u64> word(marks.word[bit / 64]);
  const __suture_u64 mask = __suture_u64{mark} << (bit % 64);
  if (on) word.fetch_or(mask);
  else word.fetch_and(~mask);
}

/// Adds those of its programs. Returns how many the kernel has left out.
std::uint64_t add_runs(bpf_object* object, KernelCounters& sum) {
  std::uint64_t missed = 0;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object) {
    const int fd = bpf_program__fd(program);
    bpf_prog_info info{};
    __u32 size = sizeof(info);
    if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size) != 0) continue;
    missed += info.recursion_misses;
    sum.runs += info.run_cnt;
    sum.run_ns += info.run_time_ns;
  }
  return missed;
}

/// Runs of spares in place of the first.
std::uint64_t made_up_for(const Loaded& loaded) {
  const int fd = loaded.spares.empty() ? -1 : bpf_object__find_map_fd_by_name(loaded.get(), "suture_done");
  std::uint64_t sum = 0;
  const auto done = std::make_unique<spare_done>();
  for (std::uint32_t program = 0; fd >= 0 && program < SUTURE_SPARED; ++program)
    if (bpf_map_lookup_elem(fd, &program, done.get()) == 0) sum += done->by_spares;
  return sum;
}

constexpr const char* kWakePrograms[] = {"suture_waking", "suture_switch"};

constexpr const char* kNeedsSendBegin = "the capture must see where a send begins: --hooks=sendmsg-locked (Linux 6.16) or fentry";

}  // namespace

struct Probe::State {
  Loader loader;
  std::vector<Link> links;  // destroyed before the loader's objects: programs leave before their maps
  std::vector<Link> send_links;  // of the program that sees a send begin, where there is one
  Link sweep_link;
  std::vector<Link> unix_links;           // empty where Unix sockets are not watched
  Link unix_files_link, unix_sweep_link;  // the second is null where the first does its work
  Loaded wake;
  std::vector<Link> wake_links;            // while hands_over is not empty
  std::unordered_set<std::uint32_t> hands_over;
  std::vector<HookAttempt> attempts;
  HookChoice choice = HookChoice::Auto;
  ProbeLimits limits;
  std::uint64_t missed_runs = 0;  // as told last
  MappedArray<knobs> knobs_map;
  MappedArray<counter_slot> counters_map;
  MappedArray<process_marks> marks_map;

  ~State() {
    wake_links.clear();
    sweep_link.reset();
    unix_files_link.reset();
    unix_sweep_link.reset();
    unix_links.clear();
    send_links.clear();
    links.clear();
  }

  bool sees_send_begin() const { return choice == HookChoice::SendmsgLocked || choice == HookChoice::Fentry; }

  /// Loads and attaches as one step: all programs or none.
  bool install(const char* hook_point, std::string mechanism, const char* object_name, std::initializer_list<const char*> programs) {
    HookAttempt attempt{hook_point, std::move(mechanism), false, ""};
    int error = 0;
    Loaded object = loader.load(object_name, programs, error);
    std::vector<Link> fresh;
    bool all = static_cast<bool>(object);
    for (const char* program : programs)
      if (all && program) all = attach(object, program, fresh, error);
    attempt.attached = all;
    if (!all) attempt.problem = reason_of(error);
    attempts.push_back(attempt);
    if (!all) return false;
    loader.keep(std::move(object));
    for (Link& link : fresh) links.push_back(std::move(link));
    return true;
  }

  bool install_io(const IoMechanism& m) {
    if (!install("socket io", std::string(name_of(m.choice)), m.object, {m.programs[0], m.programs[1], m.programs[2], m.programs[3]}))
      return false;
    if (m.choice == HookChoice::SendmsgLocked || m.choice == HookChoice::Fentry) {  // the last of its programs
      for (std::size_t n = 0; n <= loader.objects().back().spares.size(); ++n) {
        send_links.push_back(std::move(links.back()));
        links.pop_back();
      }
    }
    if (m.extra_object) install("socket io, more", m.extra_object, m.extra_object, {m.extra_programs[0], m.extra_programs[1]});
    return true;
  }

  /// Some kernels refuse iterators over the values of maps (seen on a 6.18 that forbids what may write kernel memory): then
  /// all descriptors are walked. Where that is refused too, the ends of long bodies are told by what follows them.
  bool install_state(const IoMechanism& m) {
    HookAttempt attempt{"socket state", "inet_sock_set_state, tcp_destroy_sock", false, ""};
    HookAttempt sweep{"sweep", "map iterator", false, ""};
    int error = 0;
    Loaded object;
    for (const char* program : {"suture_sweep", "suture_sweep_files", static_cast<const char*>(nullptr)}) {
      object = loader.load(m.state_object, {"suture_state", "suture_destroy", program}, error);
      if (!object) {
        if (sweep.problem.empty()) sweep.problem = reason_of(error);
        continue;
      }
      if (program) attach_sweep(object.get(), program, sweep);
      break;
    }
    std::vector<Link> fresh;
    attempt.attached =
        object && attach(object, "suture_state", fresh, error) && attach(object, "suture_destroy", fresh, error);
    if (!attempt.attached) attempt.problem = reason_of(error);
    attempts.push_back(attempt);
    if (!attempt.attached) return false;
    attempts.push_back(sweep);

    loader.keep(std::move(object));
    for (Link& link : fresh) links.push_back(std::move(link));
    return true;
  }

  /// Loaded now, while we may; attached when a process profits.
  void load_wake() {
    HookAttempt attempt{"wake", "sched_waking, sched_switch", false, ""};
    int error = 0;
    wake = loader.load("wake", {kWakePrograms[0], kWakePrograms[1]}, error);
    attempt.attached = static_cast<bool>(wake);
    if (!wake) attempt.problem = reason_of(error);
    attempts.push_back(attempt);
  }

  void attach_wake() {
    int error = 0;
    for (const char* program : kWakePrograms)
      if (wake && !attach(wake, program, wake_links, error)) {
        wake_links.clear();
        attempts.push_back({"wake", "sched_waking, sched_switch", false, reason_of(error)});
        wake = {};
      }
  }

  /// Without the walk over all descriptors that marks what is there, connections could be joined by coincidence: no marks,
  /// no Unix sockets. It also sweeps where iterators over maps are refused.
  bool install_unix(const IoMechanism& m) {
    HookAttempt attempt{"Unix sockets", std::string(name_of(m.choice)), false, ""};
    const bool by_call = m.choice == HookChoice::SysExit;
    const char* const first = by_call ? "suture_unix_call" : "suture_unix_send";
    const char* const second = by_call ? nullptr : "suture_unix_receive";
    int error = 0;
    bool sweeps = true;
    Loaded object = loader.load(m.unix_object, {first, second, "suture_unix_files", "suture_unix_sweep"}, error);
    if (!object) {
      sweeps = false;
      object = loader.load(m.unix_object, {first, second, "suture_unix_files"}, error);
    }
    std::vector<Link> fresh;
    if (object && attach(object, first, fresh, error) && (!second || attach(object, second, fresh, error))) {
      unix_files_link = iterate(object.get(), "suture_unix_files", nullptr);
      error = -errno;
      attempt.attached = unix_files_link != nullptr;
    }
    if (!attempt.attached) attempt.problem = reason_of(error);
    attempts.push_back(attempt);
    if (!attempt.attached) return false;
    if (sweeps) unix_sweep_link = iterate(object.get(), "suture_unix_sweep", by_call ? nullptr : "suture_unix");
    loader.keep(std::move(object));
    unix_links = std::move(fresh);
    return true;
  }

  void attach_sweep(bpf_object* object, const char* program, HookAttempt& attempt) {
    const bool files = std::string_view(program) == "suture_sweep_files";
    sweep_link = iterate(object, program, files ? nullptr : "suture_conns");
    attempt.mechanism = files ? "descriptor iterator" : "map iterator";
    attempt.attached = sweep_link != nullptr;
    attempt.problem = sweep_link ? "" : reason_of(errno);
  }
};

Probe::Probe(std::unique_ptr<State> state) : state_(std::move(state)) {}
Probe::Probe(Probe&&) noexcept = default;
Probe& Probe::operator=(Probe&&) noexcept = default;
Probe::~Probe() = default;

Result<Probe> Probe::open(HookChoice choice, const ProbeLimits& limits, bool unix_sockets) {
  // Before 5.11 maps are charged to RLIMIT_MEMLOCK (commit 3ac1f01b43b6); later this changes nothing.
  const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
  ::setrlimit(RLIMIT_MEMLOCK, &unlimited);

  auto state = std::make_unique<State>();
  state->limits = limits;
  state->loader.set_limits(limits.ring_bytes, limits.connections);
  state->loader.set_spares(limits.spares);
  if (!state->install("process life", "sched_process_*", "process", {"suture_fork", "suture_exec", "suture_exit"}))
    return Error{"hook process life: " + state->attempts.back().problem + ". Run 'suture doctor'."};
  for (const IoMechanism& mechanism : io_mechanisms()) {
    if (choice != HookChoice::Auto && choice != mechanism.choice) continue;
    if (!state->install_io(mechanism)) continue;
    if (!state->install_state(mechanism)) return Error{"hook socket state: " + state->attempts.back().problem + ". Run 'suture doctor'."};
    if (unix_sockets && !state->install_unix(mechanism))
      return Error{"hook Unix sockets: " + state->attempts.back().problem + ". Run without --unix-sockets, or try --hooks=sys-exit."};
    state->choice = mechanism.choice;
    break;
  }
  if (state->choice == HookChoice::Auto) {
    std::string sentence = "hook socket io: no way to attach (";
    for (const HookAttempt& attempt : state->attempts)
      if (attempt.hook_point == "socket io") sentence += attempt.mechanism + ": " + attempt.problem + "; ";
    sentence.resize(sentence.size() - 2);
    return Error{sentence + "). Run 'suture doctor'" + (choice == HookChoice::Auto ? "." : ", or try --hooks=auto.")};
  }
  state->load_wake();
  if (!state->knobs_map.map(state->loader.map_fd("suture_knobs"), 1) || !state->counters_map.map(state->loader.map_fd("suture_counts"), SUTURE_CPUS_MAX) ||
      !state->marks_map.map(state->loader.map_fd("suture_marks"), 1))
    return Error{std::string("mmap of a BPF array: ") + std::strerror(errno)};
  return Probe(std::move(state));
}

std::vector<HookAttempt> Probe::try_all() {
  State shared;
  shared.loader.set_spares(ProbeLimits{}.spares);
  shared.install("process life", "sched_process_*", "process", {"suture_fork", "suture_exec", "suture_exit"});
  std::vector<HookAttempt> all = shared.attempts;
  for (const IoMechanism& mechanism : io_mechanisms()) {
    State alone;  // connections are kept in two ways: no map is shared between mechanisms
    alone.loader.set_spares(ProbeLimits{}.spares);
    if (alone.install_io(mechanism)) alone.install_state(mechanism);
    all.insert(all.end(), alone.attempts.begin(), alone.attempts.end());
  }
  State alone;
  alone.load_wake();
  alone.attach_wake();
  all.push_back(alone.attempts.back());
  return all;
}

Status Probe::follow_traces(const trace_settings& settings) {
  State& state = *state_;
  if (state.choice == HookChoice::SysExit) return Error{"it needs tracepoints sock_recv_length and sock_send_length (Linux 6.3), which --hooks=sys-exit does without"};
  if (!state.install("traces", "sock_recv_length, sock_send_length, sched_process_*", "trace",
                     {"suture_trace_received", "suture_trace_sent", "suture_trace_exec", "suture_trace_exit"}))
    return Error{state.attempts.back().problem};
  const std::uint32_t first = 0;
  if (bpf_map_update_elem(state.loader.map_fd("suture_trace_settings"), &first, &settings, BPF_ANY) != 0) return Error{std::strerror(errno)};
  return Nothing{};
}

Status Probe::write_headers(int cgroup) {
  State& state = *state_;
  if (state.choice == HookChoice::Fentry)  // and each is read from where the call's bytes begin
    return Error{"trampolines see the parts of such a send one by one: --hooks=sendmsg-locked (Linux 6.16) or sock-length"};
  HookAttempt attempt{"traceparent", "sockops, sockhash, sk_msg", false, ""};
  int error = 0;
  Loaded object = state.loader.load("header", {"suture_header_connected", "suture_header_send"}, error);
  if (object) {
    forget_words();
    bpf_program* const connected = bpf_object__find_program_by_name(object.get(), "suture_header_connected");
    bpf_program* const send = bpf_object__find_program_by_name(object.get(), "suture_header_send");
    // The map holds this one, and goes with its last descriptor and the last socket in it.
    const int attached = bpf_prog_attach(bpf_program__fd(send), bpf_object__find_map_fd_by_name(object.get(), "suture_header_socks"), BPF_SK_MSG_VERDICT, 0);
    Link link(attached == 0 ? bpf_program__attach_cgroup(connected, cgroup) : nullptr);
    error = -errno;
    attempt.attached = link != nullptr;
    if (link) state.links.push_back(std::move(link));
  }
  if (!attempt.attached) attempt.problem = reason_of(error);
  state.attempts.push_back(attempt);
  if (!attempt.attached) return Error{attempt.problem};
  state.loader.keep(std::move(object));
  return Nothing{};
}

Status Probe::carry_traces(int cgroup) {
  State& state = *state_;
  if (!state.sees_send_begin()) return Error{kNeedsSendBegin};
  const bool by_tracepoint = state.choice == HookChoice::SendmsgLocked;
  const char* const send = by_tracepoint ? "suture_option_send" : "suture_option_send_entry";
  HookAttempt attempt{"TCP option", "sockops", false, ""};
  int error = 0;
  Loaded object = state.loader.load("option", {"suture_option_sock", send, "suture_option_state"}, error);
  std::vector<Link> fresh;
  if (object && attach(object, send, fresh, error) && attach(object, "suture_option_state", fresh, error)) {
    // The agent must know of an option before it knows of the request. Of trampolines the last one runs first; programs of a tracepoint run in
    // the order in which they were attached, so the capture's own is attached again, behind.
    bool ordered = !by_tracepoint;
    for (const Loaded& capture : state.loader.objects())
      if (!ordered && bpf_object__find_program_by_name(capture.get(), "suture_send")) ordered = attach(capture, "suture_send", fresh, error);
    if (ordered) {
      forget_words();
      Link sockets(bpf_program__attach_cgroup(bpf_object__find_program_by_name(object.get(), "suture_option_sock"), cgroup));
      error = -errno;
      attempt.attached = sockets != nullptr;
      if (sockets) fresh.push_back(std::move(sockets));
    }
  }
  if (!attempt.attached) attempt.problem = reason_of(error);
  state.attempts.push_back(attempt);
  if (!attempt.attached) return Error{attempt.problem};
  if (by_tracepoint) state.send_links.clear();
  state.loader.keep(std::move(object));
  for (Link& link : fresh) state.links.push_back(std::move(link));
  return Nothing{};
}

void Probe::release_idle_sockets(std::uint64_t now_ns) {
  constexpr std::uint64_t kIdleNs = 1'000'000'000;  // who connects for a request sends it at once
  const int members = state_->loader.map_fd("suture_header_members"), sockets = state_->loader.map_fd("suture_header_socks");
  if (members < 0) return;
  std::vector<std::uint64_t> idle;
  std::uint64_t cookie = 0, entered_ns = 0;
  const std::uint64_t thrown_out = 0;
  // A key that goes meanwhile lets the walk begin again: it ends all the same, and what it misses is found the next time.
  int end = bpf_map_get_next_key(members, nullptr, &cookie);
  for (int steps = 0; end == 0 && steps < 8192; ++steps, end = bpf_map_get_next_key(members, &cookie, &cookie))
    if (bpf_map_lookup_elem(members, &cookie, &entered_ns) == 0 && entered_ns != thrown_out && entered_ns + kIdleNs < now_ns) idle.push_back(cookie);
  for (std::uint64_t each : idle) {
    bpf_map_delete_elem(sockets, &each);
    bpf_map_update_elem(members, &each, &thrown_out, BPF_EXIST);
  }
}

bool Probe::set_traced(std::uint32_t tgid, std::optional<std::uint32_t> evidence) {
  const int fd = state_->loader.map_fd("suture_traced");
  if (!evidence) return bpf_map_delete_elem(fd, &tgid) == 0 || errno == ENOENT;
  const traced value{*evidence};
  return bpf_map_update_elem(fd, &tgid, &value, BPF_ANY) == 0;
}

std::uint32_t Probe::start() {
  knobs* k = state_->knobs_map.get();
  k->edge_interval_ns = state_->limits.edge_interval_ns;
  sweep();  // runs in this process and leaves its pid in the knobs: in a PID namespace getpid() would be another number
  std::atomic_ref<std::uint32_t> self(k->self_tgid);
  if (self.load() == 0) self.store(static_cast<std::uint32_t>(::getpid()));
  deny(self.load(), true);
  // What moves bytes now the programs mark themselves, as they are not ready; this marks what moved some before.
  if (state_->unix_files_link && !walk(state_->unix_files_link)) {
    state_->attempts.push_back({"Unix sockets", "walk over all descriptors", false, std::strerror(errno)});
    state_->unix_links.clear();
  }
  keep_below(UINT32_MAX);
  std::atomic_ref<std::uint32_t>(k->ready).store(1, std::memory_order_release);
  return self.load();
}

void Probe::stop() { std::atomic_ref<std::uint32_t>(state_->knobs_map.get()->ready).store(0, std::memory_order_release); }

HookChoice Probe::io_choice() const { return state_->choice; }
const std::vector<HookAttempt>& Probe::attempts() const { return state_->attempts; }

void Probe::deny(std::uint32_t tgid, bool denied) { set_mark(*state_->marks_map.get(), tgid, PROCESS_DENIED, denied); }

bool Probe::set_runtime(std::uint32_t tgid, const runtime* found) {
  const int fd = state_->loader.map_fd("suture_runtimes");
  if (!found) {
    set_mark(*state_->marks_map.get(), tgid, PROCESS_RUNTIME, false);
    return bpf_map_delete_elem(fd, &tgid) == 0 || errno == ENOENT;
  }
  if (bpf_map_update_elem(fd, &tgid, found, BPF_ANY) != 0) return false;
  set_mark(*state_->marks_map.get(), tgid, PROCESS_RUNTIME, true);
  return true;
}

void Probe::hands_over(std::uint32_t tgid, bool hands_over) {
  State& state = *state_;
  if (hands_over ? !state.hands_over.insert(tgid).second : state.hands_over.erase(tgid) == 0) return;
  set_mark(*state.marks_map.get(), tgid, PROCESS_HANDS_OVER, hands_over);
  if (state.hands_over.empty()) state.wake_links.clear();
  else if (state.wake_links.empty()) state.attach_wake();
}

void Probe::keep_below(std::uint32_t threshold) {
  std::atomic_ref<std::uint32_t>(state_->knobs_map.get()->keep_below).store(threshold, std::memory_order_relaxed);
}

bool Probe::sweep() {
  const Link& over_unix = state_->unix_sweep_link ? state_->unix_sweep_link : state_->unix_files_link;
  if (over_unix) walk(over_unix);
  return state_->sweep_link && walk(state_->sweep_link);
}

KernelCounters Probe::counters() const {
  KernelCounters sum;
  const counter_slot* slots = state_->counters_map.get();
  for (std::size_t cpu = 0; cpu < SUTURE_CPUS_MAX; ++cpu)
    for (std::size_t i = 0; i < KERNEL_COUNTERS; ++i) sum.count[i] += slots[cpu].count[i];
  for (const Loaded& object : state_->loader.objects()) {
    const std::uint64_t missed = add_runs(object.get(), sum);
    for (const Object& spare : object.spares) add_runs(spare.get(), sum);
    sum.missed_runs += missed - std::min(missed, made_up_for(object));
  }
  // What a spare is about to make up for counts by now: it is not taken back, as a counter only grows.
  sum.missed_runs = state_->missed_runs = std::max(state_->missed_runs, sum.missed_runs);
  return sum;
}

int Probe::ring_fd() const { return state_->loader.map_fd("suture_ring"); }
std::size_t Probe::ring_bytes() const { return state_->limits.ring_bytes; }

void Probe::clear_woken() { std::atomic_ref<std::uint32_t>(state_->knobs_map.get()->woken).store(0, std::memory_order_relaxed); }

std::string_view name_of(kernel_counter counter) {
  static constexpr std::string_view kNames[] = {
#define X(enumerator, name) name,
      SUTURE_KERNEL_COUNTERS(X)
#undef X
  };
  return kNames[counter];
}

}  // namespace suture
