/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Unix sockets by the tracepoints at the end of each send and receive. Linux 6.3 and newer. */
#define SUTURE_UNIX
#include "core/unix.bpf.h"
#include "core/spare.bpf.h"

SEC("?tp_btf/sock_send_length")
int BPF_PROG(suture_unix_send, struct sock *sk, int ret, int flags) {
  return SPARED(0, sk, unix__length(sk, ret, flags, DIRECTION_SEND));
}

SEC("?tp_btf/sock_recv_length")
int BPF_PROG(suture_unix_receive, struct sock *sk, int ret, int flags) {
  return SPARED(1, sk, unix__length(sk, ret, flags, DIRECTION_RECEIVE));
}

SEC("?iter/task_file")
int suture_unix_files(struct bpf_iter__task_file *ctx) {
  return unix__file(ctx->file);
}

SEC("?iter/bpf_sk_storage_map")
int suture_unix_sweep(struct bpf_iter__bpf_sk_storage_map *ctx) {
  struct unix_end *u = ctx->value;
  struct sock *sk = ctx->sk;
  return u && sk ? unix__sweep(u, sk) : 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
