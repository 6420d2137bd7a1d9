/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Socket io by the tracepoints at the end of each send and receive. Linux 6.3 and newer. */
#include "core/source.bpf.h"
#include "core/spare.bpf.h"

SEC("?tp_btf/sock_send_length")
int BPF_PROG(suture_send, struct sock *sk, int ret, int flags) {
  return SPARED(0, sk, source__length(sk, ret, flags, DIRECTION_SEND));
}

SEC("?tp_btf/sock_recv_length")
int BPF_PROG(suture_receive, struct sock *sk, int ret, int flags) {
  return SPARED(1, sk, source__length(sk, ret, flags, DIRECTION_RECEIVE));
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
