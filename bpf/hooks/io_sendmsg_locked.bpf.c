/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Socket io by tracepoints of the TCP send path's entry and the receive's end. Linux 6.16 and newer; not refused under
 * lockdown. */
#define SUTURE_CAST
#include "core/source.bpf.h"
#include "core/spare.bpf.h"

SEC("?tp_btf/tcp_sendmsg_locked")
int BPF_PROG(suture_send, struct sock *sk, struct msghdr *msg) {
  return SPARED(0, sk, source__entry(sk, msg));
}

SEC("?tp_btf/sock_send_length")
int BPF_PROG(suture_cold, struct sock *sk, int ret, int flags) {
  return SPARED(1, sk, source__cold(sk, ret));
}

SEC("?tp_btf/sock_recv_length")
int BPF_PROG(suture_receive, struct sock *sk, int ret, int flags) {
  return SPARED(2, sk, source__length(sk, ret, flags, DIRECTION_RECEIVE));
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
