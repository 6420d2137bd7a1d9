/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Socket state: established, closed. Built twice, with connections kept in the socket and by its address. */
#include "core/conn.bpf.h"
#include "core/spare.bpf.h"

SEC("?tp_btf/inet_sock_set_state")
int BPF_PROG(suture_state, struct sock *sk, int old_state, int new_state) {
  return SPARED(0, sk, conn__state(sk, old_state, new_state));
}

SEC("?tp_btf/tcp_destroy_sock")
int BPF_PROG(suture_destroy, struct sock *sk) {
  return SPARED(1, sk, conn__destroyed(sk));
}

/* An iterator ends with a call that has no element. */
#ifdef SUTURE_SOCK_BY_ADDRESS
SEC("?iter/bpf_map_elem")
int suture_sweep(struct bpf_iter__bpf_map_elem *ctx) {
  struct conn *c = ctx->value;
  u64 *key = ctx->key;
  return c && key ? conn__sweep(c, (struct sock *)*key) : process__self();
}
#else
SEC("?iter/bpf_sk_storage_map")
int suture_sweep(struct bpf_iter__bpf_sk_storage_map *ctx) {
  struct conn *c = ctx->value;
  struct sock *sk = ctx->sk;
  return c && sk ? conn__sweep(c, sk) : process__self();
}
#endif

/* Where iterators over the values of maps are refused: all descriptors of all processes. */
SEC("?iter/task_file")
int suture_sweep_files(struct bpf_iter__task_file *ctx) {
  struct file *file = ctx->file;
  if (!file) return process__self();
  struct socket *socket = bpf_sock_from_file(file);
  struct sock *sk = socket ? socket->sk : NULL;
  struct conn *c = sk ? conn__find(sk) : NULL;
  return c ? conn__sweep(c, sk) : 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
