// Reads what the kernel's run-time statistics say about each loaded BPF program. Benchmarks only.
//
//   bench_program_stats          keeps the statistics on while it runs: they cost ~50 ns per run of any program
//   bench_program_stats --once   only looks
//
// For each line on stdin (or once) prints one line: a JSON object {"ID": ["NAME", runs, nanoseconds], ...}.

#include <bpf/bpf.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <string>
#include <string_view>

namespace {

void print_programs() {
  const char* separator = "";
  std::uint32_t id = 0;
  std::cout << '{';
  while (bpf_prog_get_next_id(id, &id) == 0) {
    const int fd = bpf_prog_get_fd_by_id(id);
    if (fd < 0) continue;  // unloaded meanwhile
    bpf_prog_info info{};
    std::uint32_t bytes = sizeof(info);
    if (bpf_obj_get_info_by_fd(fd, &info, &bytes) == 0) {
      std::cout << separator << '"' << id << "\": [\"" << info.name << "\", " << info.run_cnt << ", "
                << info.run_time_ns << ']';
      separator = ", ";
    }
    close(fd);
  }
  std::cout << '}' << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--once") {
    print_programs();
    return 0;
  }
  if (bpf_enable_stats(BPF_STATS_RUN_TIME) < 0) {
    std::fprintf(stderr, "bench_program_stats: cannot enable statistics: %s. Run as root.\n", std::strerror(errno));
    return 1;
  }
  std::string line;
  while (std::getline(std::cin, line)) print_programs();
  return 0;
}
