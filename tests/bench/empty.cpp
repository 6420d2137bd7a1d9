// Attaches empty programs to the named hooks until SIGTERM: the floor under every figure of ours. Benchmarks only.
//
//   bench_empty HOOK...     tcp_sendmsg_locked sock_send_length sock_recv_length inet_sock_set_state sys_exit
//
// Prints "ready" on stderr when attached.

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "empty.skel.h"
#include "until_signal.h"

namespace {

struct SkeletonDeleter {
  void operator()(empty_bpf* skeleton) const { empty_bpf__destroy(skeleton); }
};

bpf_program* program_of(const empty_bpf& skeleton, std::string_view hook) {
  const std::string section = "tp_btf/" + std::string(hook);  // libbpf has taken the "?" of opt-in sections off
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, skeleton.obj) {
    if (section == bpf_program__section_name(program)) return program;
  }
  return nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  const suture::bench::UntilSignal until_signal;
  if (argc < 2) {
    std::fputs("usage: bench_empty HOOK...\n", stderr);
    return 2;
  }
  const std::unique_ptr<empty_bpf, SkeletonDeleter> skeleton(empty_bpf__open());
  if (!skeleton) return 1;
  for (int i = 1; i < argc; ++i) {
    bpf_program* program = program_of(*skeleton, argv[i]);
    if (!program) {
      std::fprintf(stderr, "bench_empty: no hook named %s\n", argv[i]);
      return 2;
    }
    bpf_program__set_autoload(program, true);
  }
  if (empty_bpf__load(skeleton.get()) != 0 || empty_bpf__attach(skeleton.get()) != 0) {
    std::fprintf(stderr, "bench_empty: cannot attach: %s\n", std::strerror(errno));
    return 1;
  }
  suture::bench::UntilSignal::say_ready();
  until_signal.wait();
  return 0;
}
