/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What io_uring moves, beside the ends of system calls, which do not tell of it: counted as not seen. */
#pragma once

#include "source.bpf.h"

static __always_inline int uring__direction(u8 opcode) {
  switch (opcode) {
    case IORING_OP_READV: case IORING_OP_READ_FIXED: case IORING_OP_RECVMSG: case IORING_OP_READ: case IORING_OP_RECV:
      return DIRECTION_RECEIVE;
    case IORING_OP_WRITEV: case IORING_OP_WRITE_FIXED: case IORING_OP_SENDMSG: case IORING_OP_WRITE: case IORING_OP_SEND:
    case IORING_OP_SEND_ZC: case IORING_OP_SENDMSG_ZC: return DIRECTION_SEND;
  }
  return -1;
}

/* tp_btf/io_uring_complete, mostly in the thread that waits for it. Of a request that completes many times there is one only
 * at its last; before, `request` is NULL. */
static __always_inline int uring__completed(struct io_kiocb *request) {
  struct knobs *k = knobs();
  if (!k || !k->ready || !request || BPF_CORE_READ(request, cqe.res) <= 0) return 0;
  int dir = uring__direction(BPF_CORE_READ(request, opcode));
  if (dir < 0) return 0;
  struct sock *sk = source__socket_of(BPF_CORE_READ(request, file), NULL);
  if (!sk || !conn__is_tcp(sk)) return 0;
  struct task_struct *task = (void *)bpf_get_current_task_btf();
  struct conn *c = io__conn(sk, task, dir & 1);
  return c ? source__refuse(c, task, dir & 1, bpf_ktime_get_ns(), SOURCE_IO_URING) : 0;
}
