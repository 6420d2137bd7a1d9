/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Inserts traceparent into request heads: loaded only for suture run --propagate header. */
#include "core/header.bpf.h"

SEC("?sockops")
int suture_header_connected(struct bpf_sock_ops *s) {
  return header__sock_ops(s);
}

SEC("?sk_msg")
int suture_header_send(struct sk_msg_md *m) {
  return header__message(m);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
