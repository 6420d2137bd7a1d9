#include "sockhash.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>

namespace suture::kernel_test {

Sockhash::Sockhash() {
  map_ = Fd(bpf_map_create(BPF_MAP_TYPE_SOCKHASH, "test_sockhash", sizeof(int), sizeof(int), 16, nullptr));
  bpf_insn pass[2]{};
  pass[0].code = BPF_ALU64 | BPF_MOV | BPF_K;  // r0 = SK_PASS
  pass[0].imm = SK_PASS;
  pass[1].code = BPF_JMP | BPF_EXIT;
  bpf_prog_load_opts options{};
  options.sz = sizeof(options);
  options.expected_attach_type = BPF_SK_MSG_VERDICT;
  program_ = Fd(bpf_prog_load(BPF_PROG_TYPE_SK_MSG, "test_pass", "GPL", pass, 2, &options));
  if (map_.valid() && program_.valid()) bpf_prog_attach(program_.get(), map_.get(), BPF_SK_MSG_VERDICT, 0);
}

bool Sockhash::add(int socket) {
  return program_.valid() && bpf_map_update_elem(map_.get(), &socket, &socket, BPF_ANY) == 0;
}

}  // namespace suture::kernel_test
