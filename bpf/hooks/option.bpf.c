/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Sends the traces of requests along as a TCP option, and reads those that come: loaded only for suture run --propagate tcp. */
#include "core/option.bpf.h"
#include "core/spare.bpf.h"

SEC("?sockops")
int suture_option_sock(struct bpf_sock_ops *s) {
  return option__sock_ops(s);
}

/* Before what sees socket io: the agent knows of the option when it learns of the request. */
SEC("?tp_btf/tcp_sendmsg_locked")
int BPF_PROG(suture_option_send, struct sock *sk, struct msghdr *msg) {
  return SPARED(0, sk, option__send(sk, msg));
}

SEC("?fentry/tcp_sendmsg_locked")
int BPF_PROG(suture_option_send_entry, struct sock *sk, struct msghdr *msg, unsigned long size) {
  return option__send(sk, msg);
}

SEC("?tp_btf/inet_sock_set_state")
int BPF_PROG(suture_option_state, struct sock *sk, int old_state, int new_state) {
  return SPARED(1, sk, option__state(sk, new_state));
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
