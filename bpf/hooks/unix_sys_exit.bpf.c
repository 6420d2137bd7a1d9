/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Unix sockets by the end of every system call. */
#define SUTURE_SOCK_BY_ADDRESS
#define SUTURE_UNIX
#include "core/unix.bpf.h"
#include "core/spare.bpf.h"

SEC("?tp_btf/sys_exit")
int BPF_PROG(suture_unix_call, struct pt_regs *regs, long ret) {
  return SPARED(0, NULL, unix__call_ended(regs, ret));
}

SEC("?iter/task_file")
int suture_unix_files(struct bpf_iter__task_file *ctx) {
  return unix__file(ctx->file);
}

/* Ends with a call that has no element; the few maps of the host are a short way there. */
SEC("?iter/bpf_map")
int suture_unix_sweep(struct bpf_iter__bpf_map *ctx) {
  return ctx->map ? 0 : unix__sweep_all();
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
