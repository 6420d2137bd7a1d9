#pragma once
// Probe: suture's programs in the kernel, attached. Owns every object, map and link; when it goes, nothing of ours is
// left. libbpf is known in this folder only.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "kernel/hook_plan.h"
#include "wire/knobs.h"
#include "wire/limits.h"
#include "wire/runtime.h"
#include "wire/trace.h"

namespace suture {

/// A try of one mechanism, for people: doctor prints them all.
struct HookAttempt {
  std::string hook_point;  // "socket io", "socket io, more", "socket state", "Unix sockets", "process life", "sweep", "wake"
  std::string mechanism;
  bool attached = false;
  std::string problem;     // why not, in one line
};

/// Sums over CPUs of enum kernel_counter, plus runs that the kernel left out and no spare made up for, and what it took where the
/// kernel measures that (sysctl kernel.bpf_stats_enabled).
struct KernelCounters {
  std::uint64_t count[KERNEL_COUNTERS]{};
  std::uint64_t missed_runs = 0;
  std::uint64_t runs = 0, run_ns = 0;  // 0: not measured
};
std::string_view name_of(kernel_counter counter);

struct ProbeLimits {
  /// Connections kept by a mechanism that keeps them by address (sys-exit). 0: as many as bpf/core/maps.bpf.h says.
  std::uint32_t connections = 0;
  /// A living connection that is not HTTP is reported by sweeps once in so long.
  std::uint64_t edge_interval_ns = 10'000'000'000;
  /// Size of the ring: a power of two, SUTURE_RING_BYTES at least. More holds more of what comes while its reader waits for
  /// a processor, and costs cache misses (include/wire/limits.h).
  std::uint32_t ring_bytes = SUTURE_RING_BYTES;
  /// Copies of each program, of which one runs where the program itself could not (bpf/core/spare.bpf.h).
  std::uint32_t spares = kernel_leaves_runs_out() ? 2 : 0;
};

class Probe {
 public:
  /// Loads and attaches. `choice` Auto takes the best mechanism that attaches; another one is tried alone.
  /// The programs stay silent until start(). With `unix_sockets` Unix stream sockets are watched beside TCP.
  static Result<Probe> open(HookChoice choice, const ProbeLimits& limits = {}, bool unix_sockets = false);

  /// Tries every mechanism of every hook point, each attached and detached again.
  static std::vector<HookAttempt> try_all();

  Probe(Probe&&) noexcept;
  Probe& operator=(Probe&&) noexcept;
  ~Probe();

  /// Also keeps in the kernel which trace each request of chosen processes belongs to. Before start().
  Status follow_traces(const trace_settings& settings);
  /// Also writes traceparent into heads of requests that chosen processes send, on all sockets of the cgroup hierarchy below `cgroup`
  /// (a directory of a cgroup2 file system). After follow_traces(), before start().
  Status write_headers(int cgroup);
  /// Also sends the traces of requests of chosen processes along as a TCP option, and reads those that come, on all sockets that are
  /// opened below `cgroup` from here on. Likewise.
  Status carry_traces(int cgroup);
  /// Sockets that have waited for their first send for so long are left alone from here on. Now and then.
  void release_idle_sockets(std::uint64_t now_ns);

  /// From here on events flow, but those of this process. Returns its pid in the initial PID namespace.
  std::uint32_t start();
  /// No more events; what is in the ring can still be drained.
  void stop();

  HookChoice io_choice() const;
  const std::vector<HookAttempt>& attempts() const;

  /// Events of `tgid` are not wanted (or wanted again). Any thread.
  void deny(std::uint32_t tgid, bool denied);

  /// Of 2^32 exchanges so many are reported, the others shed in the kernel. All ones, the beginning: every one.
  void keep_below(std::uint32_t threshold);

  /// From here on the waiting requests of `tgid` are looked for (nullptr: no more). An exec ends that by itself. False:
  /// the kernel refuses it, or there are too many such processes. Any thread.
  bool set_runtime(std::uint32_t tgid, const runtime* found);
  /// Threads of `tgid` send requests for each other (or it is gone): who wakes whom there comes through the ring. The hooks
  /// for it, which every wake-up of the host passes, are attached only while there is such a process. Capture thread.
  void hands_over(std::uint32_t tgid, bool hands_over);

  /// Requests that `tgid` sends belong to the traces of those it received, by this evidence (enum trace_evidence); none: it is not
  /// chosen any more, and an exec ends it by itself. False: there are too many. Only after follow_traces().
  bool set_traced(std::uint32_t tgid, std::optional<std::uint32_t> evidence);

  /// Walks all connections: what moved unseen comes through the ring. False: the kernel refuses it.
  bool sweep();

  KernelCounters counters() const;
  int ring_fd() const;
  std::size_t ring_bytes() const;
  /// The ring's consumer clears it before it drains.
  void clear_woken();

 private:
  struct State;
  explicit Probe(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace suture
