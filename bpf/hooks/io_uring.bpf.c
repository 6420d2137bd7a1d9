/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* io_uring beside the ends of system calls. Linux 5.19 and newer: before, the tracepoint has no request. */
#define SUTURE_SOCK_BY_ADDRESS
#include "core/uring.bpf.h"
#include "core/spare.bpf.h"

SEC("?tp_btf/io_uring_complete")
int BPF_PROG(suture_uring, void *ring, struct io_kiocb *request) {
  return SPARED(0, request, uring__completed(request));
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
