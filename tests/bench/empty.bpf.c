// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
// The hooks of our socket-io mechanisms with nothing behind them: what the kernel takes for calling a program at all,
// and, with bpf_stats on, what reading the clock twice takes.
// linux/bpf.h must come first.
// clang-format off
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
// clang-format on

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("?tp_btf/tcp_sendmsg_locked")
int empty_sendmsg(void* ctx) { return 0; }

SEC("?tp_btf/sock_send_length")
int empty_send(void* ctx) { return 0; }

SEC("?tp_btf/sock_recv_length")
int empty_receive(void* ctx) { return 0; }

SEC("?tp_btf/inet_sock_set_state")
int empty_state(void* ctx) { return 0; }

SEC("?tp_btf/sys_exit")
int empty_sys_exit(void* ctx) { return 0; }
