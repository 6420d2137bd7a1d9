/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Socket io by trampolines on the TCP functions. Linux 5.19 and newer where the kernel allows fentry. */
#include "core/source.bpf.h"

/* Not tcp_sendmsg: what a socket in a sockhash sends does not pass it. */
SEC("?fentry/tcp_sendmsg_locked")
int BPF_PROG(suture_send, struct sock *sk, struct msghdr *msg, unsigned long size) {
  return source__entry(sk, msg);
}

SEC("?fexit/tcp_sendmsg_locked")
int BPF_PROG(suture_cold, struct sock *sk, struct msghdr *msg, unsigned long size, int ret) {
  return source__cold(sk, ret);
}

/* int tcp_recvmsg(struct sock *, struct msghdr *, size_t, int flags, int *addr_len), since 5.19; without the last one in 7.2. What it
 * returns lies behind its arguments, however many there are. */
SEC("?fexit/tcp_recvmsg")
int BPF_PROG(suture_receive, struct sock *sk, struct msghdr *msg, unsigned long size, int flags) {
  u64 ret = 0;
  bpf_get_func_ret(ctx, &ret);
  return source__length(sk, ret, flags, DIRECTION_RECEIVE);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
