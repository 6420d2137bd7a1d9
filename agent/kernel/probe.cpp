#include "kernel/probe.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <unordered_set>

#include "base/fd.h"
#include "kernel/mapped_pages.h"
#include "kernel/objects.h"
#include "wire/limits.h"

namespace suture {
namespace {

struct ObjectCloser {
  void operator()(bpf_object* object) const { bpf_object__close(object); }
};
struct LinkDestroyer {
  void operator()(bpf_link* link) const { bpf_link__destroy(link); }
};
using Object = std::unique_ptr<bpf_object, ObjectCloser>;
using Link = std::unique_ptr<bpf_link, LinkDestroyer>;

// libbpf speaks through one function of the whole process, without a context. It is called on the thread that loads;
// what it says while one load runs is that load's reason.
constexpr std::size_t kWordsBytes = 1u << 20;

std::string& libbpf_words() {
  static thread_local std::string words;
  return words;
}

int keep_words(libbpf_print_level level, const char* format, va_list arguments) {
  if (level == LIBBPF_DEBUG) return 0;
  // The verifier's log comes in one piece, and its last lines matter: room for what libbpf asks the kernel for.
  va_list again;
  va_copy(again, arguments);
  const int size = std::vsnprintf(nullptr, 0, format, again);
  va_end(again);
  std::string line(static_cast<std::size_t>(size > 0 ? size : 0) + 1, '\0');
  std::vsnprintf(line.data(), line.size(), format, arguments);
  line.pop_back();
  std::string& words = libbpf_words();
  if (words.size() < kWordsBytes) words += line;
  return 0;
}

/// What libbpf said, shortened to one line: the verifier's last words if it spoke, else the first line.
std::string reason_of(int error) {
  const std::string& words = libbpf_words();
  std::string line = words.substr(0, words.find('\n'));
  if (const std::size_t end = words.find("\nprocessed "); end != words.npos) {
    const std::size_t begin = words.rfind('\n', end - 1) + 1;
    line = words.substr(begin, end - begin);
  }
  constexpr std::string_view kPrefix = "libbpf: ";
  if (line.rfind(kPrefix, 0) == 0) line.erase(0, kPrefix.size());
  const std::string reason = std::strerror(error < 0 ? -error : error);
  if (line.empty()) return reason;
  return line.find(reason) == line.npos ? line + " (" + reason + ")" : line;
}

/// An mmapable array, writable.
template <typename T>
class MappedArray {
 public:
  bool map(int fd, std::size_t count) { return pages_.map(fd, sizeof(T) * count, PROT_READ | PROT_WRITE, 0); }
  T* get() const { return reinterpret_cast<T*>(pages_.get()); }

 private:
  MappedPages pages_;
};

struct DenyWords {
  std::uint64_t word[SUTURE_PID_MAX / 64];
  std::uint64_t runtime[SUTURE_PID_MAX / 64];
  std::uint64_t hands_over[SUTURE_PID_MAX / 64];
};

/// Runs an iterator's program over all it has. False: the kernel refuses.
bool walk(const Link& link) {
  Fd iterator(bpf_iter_create(bpf_link__fd(link.get())));
  if (!iterator.valid()) return false;
  char nothing[64];  // the program prints nothing: one read runs it to its end
  while (::read(iterator.get(), nothing, sizeof(nothing)) > 0) {
  }
  return true;
}

void set_bit(std::uint64_t (&words)[SUTURE_PID_MAX / 64], std::uint32_t tgid, bool on) {
  const std::uint32_t bit = tgid & (SUTURE_PID_MAX - 1);
  std::atomic_ref<std::uint64_t> word(words[bit / 64]);
  if (on) word.fetch_or(1ull << (bit % 64));
  else word.fetch_and(~(1ull << (bit % 64)));
}

constexpr const char* kWakePrograms[] = {"suture_waking", "suture_switch"};

constexpr const char* kMaps[] = {"suture_ring", "suture_knobs", "suture_counts", "suture_deny", "suture_self", "suture_conns",
                                 "suture_runtimes", "suture_threads", "suture_inbound", "suture_trace_states", "suture_trace_threads", "suture_trace_goroutines",
                                 "suture_traced", "suture_trace_settings", "suture_trace_peers", "suture_header_socks", "suture_header_members", "suture_carried"};

constexpr const char* kNeedsSendBegin = "the capture must see where a send begins: --hooks=sendmsg-locked (Linux 6.16) or fentry";

}  // namespace

struct Probe::State {
  std::vector<Object> objects;
  std::vector<Link> links;  // destroyed before the objects: programs leave before their maps
  Link send_link;           // of the program that sees a send begin, where there is one
  Link sweep_link;
  std::vector<Link> unix_links;           // empty where Unix sockets are not watched
  Link unix_files_link, unix_sweep_link;  // the second is null where the first does its work
  Object wake;
  std::vector<Link> wake_links;            // while hands_over is not empty
  std::unordered_set<std::uint32_t> hands_over;
  std::vector<HookAttempt> attempts;
  HookChoice choice = HookChoice::Auto;
  ProbeLimits limits;
  MappedArray<knobs> knobs_map;
  MappedArray<counter_slot> counters_map;
  MappedArray<DenyWords> deny_map;

  ~State() {
    wake_links.clear();
    sweep_link.reset();
    unix_files_link.reset();
    unix_sweep_link.reset();
    unix_links.clear();
    send_link.reset();
    links.clear();
  }

  bool sees_send_begin() const { return choice == HookChoice::SendmsgLocked || choice == HookChoice::Fentry; }

  int map_fd(const char* name) const {
    for (const Object& object : objects) {
      const int fd = bpf_object__find_map_fd_by_name(object.get(), name);
      if (fd >= 0) return fd;
    }
    return -1;
  }

  /// Loads object `name` with `programs` on, sharing the maps of the objects before it. nullptr: libbpf_words() says why.
  Object load(const char* name, std::initializer_list<const char*> programs, int& error) const {
    libbpf_words().clear();
    const auto bytes = bpf_object_bytes(name);
    bpf_object_open_opts options{};  // LIBBPF_OPTS is C
    options.sz = sizeof(options);
    options.object_name = name;
    Object object(bpf_object__open_mem(bytes.data(), bytes.size(), &options));
    if (!object) {
      error = -errno;
      return nullptr;
    }
    for (const char* program : programs)
      if (program)
        if (bpf_program* found = bpf_object__find_program_by_name(object.get(), program)) bpf_program__set_autoload(found, true);
    for (const char* shared : kMaps) {
      bpf_map* map = bpf_object__find_map_by_name(object.get(), shared);
      const int fd = map_fd(shared);
      if (map && fd >= 0) bpf_map__reuse_fd(map, fd);
    }
    bpf_map* ring = bpf_object__find_map_by_name(object.get(), "suture_ring");
    if (ring && map_fd("suture_ring") < 0) bpf_map__set_max_entries(ring, limits.ring_bytes);
    bpf_map* connections = bpf_object__find_map_by_name(object.get(), "suture_conns");
    if (limits.connections && connections && bpf_map__type(connections) == BPF_MAP_TYPE_HASH)
      bpf_map__set_max_entries(connections, limits.connections);
    error = bpf_object__load(object.get());
    return error ? nullptr : std::move(object);
  }

  bool attach(bpf_object* object, const char* program, std::vector<Link>& into, int& error) const {
    libbpf_words().clear();
    bpf_program* found = bpf_object__find_program_by_name(object, program);
    Link link(found ? bpf_program__attach(found) : nullptr);
    if (!link) {
      error = -errno;
      return false;
    }
    into.push_back(std::move(link));
    return true;
  }

  /// Loads and attaches as one step: all programs or none.
  bool install(const char* hook_point, std::string mechanism, const char* object_name, std::initializer_list<const char*> programs) {
    HookAttempt attempt{hook_point, std::move(mechanism), false, ""};
    int error = 0;
    Object object = load(object_name, programs, error);
    std::vector<Link> fresh;
    bool all = object != nullptr;
    for (const char* program : programs)
      if (all && program) all = attach(object.get(), program, fresh, error);
    attempt.attached = all;
    if (!all) attempt.problem = reason_of(error);
    attempts.push_back(attempt);
    if (!all) return false;
    objects.push_back(std::move(object));
    for (Link& link : fresh) links.push_back(std::move(link));
    return true;
  }

  bool install_io(const IoMechanism& m) {
    if (!install("socket io", std::string(name_of(m.choice)), m.object, {m.programs[0], m.programs[1], m.programs[2], m.programs[3]}))
      return false;
    if (m.choice == HookChoice::SendmsgLocked || m.choice == HookChoice::Fentry) {  // the last of its programs
      send_link = std::move(links.back());
      links.pop_back();
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
    Object object;
    for (const char* program : {"suture_sweep", "suture_sweep_files", static_cast<const char*>(nullptr)}) {
      object = load(m.state_object, {"suture_state", "suture_destroy", program}, error);
      if (!object) {
        if (sweep.problem.empty()) sweep.problem = reason_of(error);
        continue;
      }
      if (program) attach_sweep(object.get(), program, sweep);
      break;
    }
    std::vector<Link> fresh;
    attempt.attached =
        object && attach(object.get(), "suture_state", fresh, error) && attach(object.get(), "suture_destroy", fresh, error);
    if (!attempt.attached) attempt.problem = reason_of(error);
    attempts.push_back(attempt);
    if (!attempt.attached) return false;
    attempts.push_back(sweep);

    objects.push_back(std::move(object));
    for (Link& link : fresh) links.push_back(std::move(link));
    return true;
  }

  /// Loaded now, while we may; attached when a process profits.
  void load_wake() {
    HookAttempt attempt{"wake", "sched_waking, sched_switch", false, ""};
    int error = 0;
    wake = load("wake", {kWakePrograms[0], kWakePrograms[1]}, error);
    attempt.attached = wake != nullptr;
    if (!wake) attempt.problem = reason_of(error);
    attempts.push_back(attempt);
  }

  void attach_wake() {
    int error = 0;
    for (const char* program : kWakePrograms)
      if (wake && !attach(wake.get(), program, wake_links, error)) {
        wake_links.clear();
        attempts.push_back({"wake", "sched_waking, sched_switch", false, reason_of(error)});
        wake.reset();
      }
  }

  /// An iterator over the values of `map`, or over what the program says by itself. nullptr: errno says why.
  static Link iterate(bpf_object* object, const char* program, const char* map) {
    libbpf_words().clear();
    bpf_iter_link_info target{};
    bpf_iter_attach_opts options{};
    options.sz = sizeof(options);
    options.link_info = &target;
    options.link_info_len = sizeof(target);
    if (map) target.map.map_fd = static_cast<__u32>(bpf_object__find_map_fd_by_name(object, map));
    return Link(bpf_program__attach_iter(bpf_object__find_program_by_name(object, program), map ? &options : nullptr));
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
    Object object = load(m.unix_object, {first, second, "suture_unix_files", "suture_unix_sweep"}, error);
    if (!object) {
      sweeps = false;
      object = load(m.unix_object, {first, second, "suture_unix_files"}, error);
    }
    std::vector<Link> fresh;
    if (object && attach(object.get(), first, fresh, error) && (!second || attach(object.get(), second, fresh, error))) {
      unix_files_link = iterate(object.get(), "suture_unix_files", nullptr);
      error = -errno;
      attempt.attached = unix_files_link != nullptr;
    }
    if (!attempt.attached) attempt.problem = reason_of(error);
    attempts.push_back(attempt);
    if (!attempt.attached) return false;
    if (sweeps) unix_sweep_link = iterate(object.get(), "suture_unix_sweep", by_call ? nullptr : "suture_unix");
    objects.push_back(std::move(object));
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
  libbpf_set_print(keep_words);
  // Before 5.11 maps are charged to RLIMIT_MEMLOCK (commit 3ac1f01b43b6); later this changes nothing.
  const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
  ::setrlimit(RLIMIT_MEMLOCK, &unlimited);

  auto state = std::make_unique<State>();
  state->limits = limits;
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
  if (!state->knobs_map.map(state->map_fd("suture_knobs"), 1) || !state->counters_map.map(state->map_fd("suture_counts"), SUTURE_CPUS_MAX) ||
      !state->deny_map.map(state->map_fd("suture_deny"), 1))
    return Error{std::string("mmap of a BPF array: ") + std::strerror(errno)};
  return Probe(std::move(state));
}

std::vector<HookAttempt> Probe::try_all() {
  libbpf_set_print(keep_words);
  State shared;
  shared.install("process life", "sched_process_*", "process", {"suture_fork", "suture_exec", "suture_exit"});
  std::vector<HookAttempt> all = shared.attempts;
  for (const IoMechanism& mechanism : io_mechanisms()) {
    State alone;  // connections are kept in two ways: no map is shared between mechanisms
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
  if (bpf_map_update_elem(state.map_fd("suture_trace_settings"), &first, &settings, BPF_ANY) != 0) return Error{std::strerror(errno)};
  return Nothing{};
}

Status Probe::write_headers(int cgroup) {
  State& state = *state_;
  if (state.choice == HookChoice::Fentry)  // and each is read from where the call's bytes begin
    return Error{"trampolines see the parts of such a send one by one: --hooks=sendmsg-locked (Linux 6.16) or sock-length"};
  HookAttempt attempt{"traceparent", "sockops, sockhash, sk_msg", false, ""};
  int error = 0;
  Object object = state.load("header", {"suture_header_connected", "suture_header_send"}, error);
  if (object) {
    libbpf_words().clear();
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
  state.objects.push_back(std::move(object));
  return Nothing{};
}

Status Probe::carry_traces(int cgroup) {
  State& state = *state_;
  if (!state.sees_send_begin()) return Error{kNeedsSendBegin};
  const bool by_tracepoint = state.choice == HookChoice::SendmsgLocked;
  const char* const send = by_tracepoint ? "suture_option_send" : "suture_option_send_entry";
  HookAttempt attempt{"TCP option", "sockops", false, ""};
  int error = 0;
  Object object = state.load("option", {"suture_option_sock", send}, error);
  std::vector<Link> fresh;
  if (object && state.attach(object.get(), send, fresh, error)) {
    // The agent must know of an option before it knows of the request. Of trampolines the last one runs first; programs of a tracepoint run in
    // the order in which they were attached, so the capture's own is attached again, behind.
    bool ordered = !by_tracepoint;
    for (const Object& capture : state.objects)
      if (!ordered && bpf_object__find_program_by_name(capture.get(), "suture_send")) ordered = state.attach(capture.get(), "suture_send", fresh, error);
    if (ordered) {
      libbpf_words().clear();
      Link sockets(bpf_program__attach_cgroup(bpf_object__find_program_by_name(object.get(), "suture_option_sock"), cgroup));
      error = -errno;
      attempt.attached = sockets != nullptr;
      if (sockets) fresh.push_back(std::move(sockets));
    }
  }
  if (!attempt.attached) attempt.problem = reason_of(error);
  state.attempts.push_back(attempt);
  if (!attempt.attached) return Error{attempt.problem};
  if (by_tracepoint) state.send_link.reset();
  state.objects.push_back(std::move(object));
  for (Link& link : fresh) state.links.push_back(std::move(link));
  return Nothing{};
}

void Probe::release_idle_sockets(std::uint64_t now_ns) {
  constexpr std::uint64_t kIdleNs = 1'000'000'000;  // who connects for a request sends it at once
  const int members = state_->map_fd("suture_header_members"), sockets = state_->map_fd("suture_header_socks");
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
  const int fd = state_->map_fd("suture_traced");
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

void Probe::deny(std::uint32_t tgid, bool denied) { set_bit(state_->deny_map.get()->word, tgid, denied); }

bool Probe::set_runtime(std::uint32_t tgid, const runtime* found) {
  const int fd = state_->map_fd("suture_runtimes");
  if (!found) {
    set_bit(state_->deny_map.get()->runtime, tgid, false);
    return bpf_map_delete_elem(fd, &tgid) == 0 || errno == ENOENT;
  }
  if (bpf_map_update_elem(fd, &tgid, found, BPF_ANY) != 0) return false;
  set_bit(state_->deny_map.get()->runtime, tgid, true);
  return true;
}

void Probe::hands_over(std::uint32_t tgid, bool hands_over) {
  State& state = *state_;
  if (hands_over ? !state.hands_over.insert(tgid).second : state.hands_over.erase(tgid) == 0) return;
  set_bit(state.deny_map.get()->hands_over, tgid, hands_over);
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
  for (const Object& object : state_->objects) {
    bpf_program* program = nullptr;
    bpf_object__for_each_program(program, object.get()) {
      const int fd = bpf_program__fd(program);
      bpf_prog_info info{};
      __u32 size = sizeof(info);
      if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size) != 0) continue;
      sum.missed_runs += info.recursion_misses;
      sum.runs += info.run_cnt;
      sum.run_ns += info.run_time_ns;
    }
  }
  return sum;
}

int Probe::ring_fd() const { return state_->map_fd("suture_ring"); }
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
