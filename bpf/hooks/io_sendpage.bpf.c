/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* sendfile, splice and sockhashes beside fentry on tcp_sendmsg_locked: up to Linux 6.4 pages go another way. */
#include "core/source.bpf.h"

SEC("?fentry/do_tcp_sendpages")
int BPF_PROG(suture_pages, struct sock *sk, void *page, int offset, unsigned long size) {
  return source__pages(sk, size);
}

SEC("?fexit/do_tcp_sendpages")
int BPF_PROG(suture_pages_cold, struct sock *sk, void *page, int offset, unsigned long size, int flags, long ret) {
  return source__cold(sk, ret);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
