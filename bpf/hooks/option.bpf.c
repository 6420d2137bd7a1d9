/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Sends the traces of requests along as a TCP option, and reads those that come: loaded only for suture run --propagate tcp. */
#include "core/option.bpf.h"

SEC("?sockops")
int suture_option_sock(struct bpf_sock_ops *s) {
  return option__sock_ops(s);
}

/* Before what sees socket io: the agent knows of the option when it learns of the request. */
SEC("?tp_btf/tcp_sendmsg_locked")
int BPF_PROG(suture_option_send, struct sock *sk, struct msghdr *msg) {
  return option__send(sk, msg);
}

SEC("?fentry/tcp_sendmsg_locked")
int BPF_PROG(suture_option_send_entry, struct sock *sk, struct msghdr *msg, unsigned long size) {
  return option__send(sk, msg);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
