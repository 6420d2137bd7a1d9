/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* From the end of a system call to the socket it moved bytes on. */
#pragma once

#include "source.bpf.h"

static __always_inline int call__direction(long nr) {
  switch (nr) {
    case NR_read: case NR_readv: case NR_recvfrom: case NR_recvmsg: case NR_recvmmsg: case NR_preadv2: return DIRECTION_RECEIVE;
    case NR_write: case NR_writev: case NR_sendto: case NR_sendmsg: case NR_sendmmsg: case NR_pwritev2: case NR_sendfile:
    case NR_splice: return DIRECTION_SEND;
  }
  return -1;
}

/* The same by the numbers of 32-bit calls (arch/x86/entry/syscalls/syscall_32.tbl). Old programs make all of them through one,
 * socketcall, which names another (linux/net.h) and has its arguments in memory. */
static __always_inline int call__direction32(struct pt_regs *regs, u32 *fd) {
  long nr = regs->orig_ax;
  *fd = regs->bx;
  switch (nr) {
    case 3: case 145: case 371: case 372: case 337: return DIRECTION_RECEIVE; /* read, readv, recvfrom, recvmsg, recvmmsg */
    case 4: case 146: case 369: case 370: case 345: return DIRECTION_SEND;    /* write, writev, sendto, sendmsg, sendmmsg */
  }
  if (nr != 102 || bpf_probe_read_user(fd, sizeof(*fd), (void *)regs->cx)) return -1;
  switch (regs->bx) {
    case 10: case 12: case 17: case 19: return DIRECTION_RECEIVE; /* recv, recvfrom, recvmsg, recvmmsg */
    case 9: case 11: case 16: case 20: return DIRECTION_SEND;     /* send, sendto, sendmsg, sendmmsg */
  }
  return -1;
}

/* Which way a call may have moved bytes, and over which descriptor; -1: it moves none. */
static __always_inline int call__names(struct pt_regs *regs, bool compat, u32 *fd) {
  if (compat) return call__direction32(regs, fd);
  *fd = regs->orig_ax == NR_splice ? regs->dx : regs->di; /* splice(in, _, out, ...), sendfile(out, in, ...) */
  return call__direction(regs->orig_ax);
}

#define CALL_MESSAGES 8 /* of one sendmmsg or recvmmsg; what a call has beyond them is counted */

/* One message of a call that moves several. A function of its own, so that the verifier proves it once. */
__noinline int call__one(struct conn *c, struct op *o, u64 header, u64 socket) {
  struct sock *sk = (struct sock *)socket;
  struct task_struct *task = (void *)bpf_get_current_task_btf();
  if (!c || !o) return 0;
  if (!source__of_header(&o->source, header)) return source__refuse(c, task, o->dir & 1, bpf_ktime_get_ns(), SOURCE_UNREADABLE);
  return source__done(c, sk, conn__tcp(sk), task, o, o->seq, o->bytes, o->dir & 1, false, SHED_KEEP);
}

static __always_inline int call__many(struct conn *c, struct sock *sk, struct tcp_sock *tp, struct task_struct *task, struct pt_regs *regs, long messages, u8 dir) {
  if (messages > CALL_MESSAGES) return source__refuse(c, task, dir, bpf_ktime_get_ns(), SOURCE_OTHER_CALL);
  u64 first = regs->si;
  u32 total = 0;
  u32 length[CALL_MESSAGES] = {};
  for (int i = 0; i < CALL_MESSAGES; i++) {
    if (i >= messages) break;
    if (bpf_probe_read_user(&length[i], sizeof(u32), (void *)(first + i * MMSGHDR_BYTES + MMSGHDR_LEN)))
      return source__refuse(c, task, dir, bpf_ktime_get_ns(), SOURCE_UNREADABLE);
    total += length[i];
  }
  u32 seq = (dir == DIRECTION_SEND ? conn__sent_end(c, tp) : conn__received_end(sk, tp)) - total;
  for (int i = 0; i < CALL_MESSAGES; i++) {
    if (i >= messages) break;
    struct op o = {.dir = dir, .seq = seq, .bytes = length[i]};
    if (o.bytes) call__one(c, &o, first + i * MMSGHDR_BYTES, (u64)sk);
    seq += length[i];
  }
  return 0;
}

static __always_inline int call__ended(struct pt_regs *regs, long ret) {
  if (ret < 0) return 0;
  struct task_struct *task = (void *)bpf_get_current_task_btf();
  if (!ret && !context__follows_ends(task)) return 0;
  long nr = regs->orig_ax;
  bool compat = task->thread_info.status & TS_COMPAT;
  u32 fd;
  int dir = call__names(regs, compat, &fd);
  if (dir < 0) return 0;
  struct knobs *k = knobs();
  if (!k || !k->ready) return 0;
  if (process__denied(task->tgid)) return 0;
  bool nonblocking = false;
  struct sock *sk = source__socket(task, fd, &nonblocking);
  if (!sk || !conn__is_tcp(sk)) return 0;
  u64 flags = compat ? 0 : nr == NR_recvfrom || nr == NR_recvmmsg ? regs->r10 : nr == NR_recvmsg ? regs->dx : 0;
  if (flags & MSG_NOT_STREAM) return 0;
  if (!ret) return dir == DIRECTION_RECEIVE ? context__ended(conn__find(sk), sk, task) : 0;
  struct conn *c = io__conn(sk, task, dir);
  if (!c) return 0;
  struct tcp_sock *tp = conn__tcp(sk);
  bool many = !compat && (nr == NR_sendmmsg || nr == NR_recvmmsg);
  if (many && conn__shed(c)) c->shed = SHED_ALL; /* several messages at a time: whose is which would be a guess */
  u32 seq = (dir == DIRECTION_SEND ? conn__sent_end(c, tp) : conn__received_end(sk, tp)) - (u32)ret;
  enum shed_verdict verdict = many && !conn__shed(c) ? SHED_KEEP : shed__verdict(c, sk, tp, k->keep_below, dir, seq);
  if (verdict == SHED_DROP) return source__shed(c, task, dir);
  struct op o = {};
  enum source_state state = SOURCE_PAGES;
  if (!(flags & MSG_TRUNC)) {
    if (many) return call__many(c, sk, tp, task, regs, ret, dir);
    state = source__of_call(&o.source, task, regs, dir, NULL);
  }
  if (state != SOURCE_FOUND) return source__refuse(c, task, dir, bpf_ktime_get_ns(), state);
  return source__done(c, sk, tp, task, &o, seq, ret, dir, nonblocking || flags & MSG_DONTWAIT, verdict);
}
