/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Where the bytes of a call are: from the iterator that the send path was given, or from the system call's registers. */
#pragma once

#include "io.bpf.h"

static __always_inline const struct iovec *source__ranges(const struct msghdr *msg) {
  if (bpf_core_field_exists(msg->msg_iter.__iov)) return msg->msg_iter.__iov;
  return BPF_CORE_READ((struct iov_iter___iov *)&msg->msg_iter, iov);
}

/* At the entry of a send: the iterator says everything, for every kind of call. False: the bytes are pages, not user
 * memory (sendfile, splice, a socket in a sockhash, kTLS). */
static __always_inline bool source__of_iterator(struct source *s, const struct msghdr *msg) {
  u8 type = msg->msg_iter.iter_type;
  u64 offset = msg->msg_iter.iov_offset;
  s->vector = 0;
  s->ranges = 1;
  s->kernel = 1;
  if (bpf_core_enum_value_exists(enum iter_type, ITER_UBUF) && type == bpf_core_enum_value(enum iter_type, ITER_UBUF)) {
#ifdef SUTURE_CAST
    s->base = (u64)msg->msg_iter.ubuf + offset;
#else
    s->base = (u64)BPF_CORE_READ(msg, msg_iter.ubuf) + offset; /* to the verifier of 6.1 a pointer to something else at the same place */
#endif
    s->bytes = msg->msg_iter.count;
    return true;
  }
  if (type != bpf_core_enum_value(enum iter_type, ITER_IOVEC)) return false;
  const struct iovec *v = source__ranges(msg);
  struct iovec first;
#ifdef SUTURE_CAST
  first.iov_base = v->iov_base;
  first.iov_len = v->iov_len;
#else
  if (bpf_probe_read_kernel(&first, sizeof(first), v)) return false; /* a number to the verifier of 6.12: __iov shares its place with one */
#endif
  s->base = (u64)first.iov_base + offset;
  s->bytes = first.iov_len - offset;
  s->vector = (u64)v;
  s->ranges = msg->msg_iter.nr_segs;
  return true;
}

enum source_state {
  SOURCE_FOUND,
  SOURCE_PAGES,       /* sendfile, splice: no user memory */
  SOURCE_IO_URING,
  SOURCE_32_BIT,
  SOURCE_OTHER_CALL,  /* registers name another message of the same call */
  SOURCE_UNREADABLE,
};

static __always_inline bool source__of_vector(struct source *s, u64 vector, u64 ranges) {
  struct iovec first;
  if (!ranges || bpf_probe_read_user(&first, sizeof(first), (void *)vector)) return false;
  s->base = (u64)first.iov_base;
  s->bytes = first.iov_len;
  s->vector = vector;
  s->ranges = ranges;
  s->kernel = 0;
  return true;
}

static __always_inline bool source__of_header(struct source *s, u64 address) {
  struct user_msghdr header;
  if (bpf_probe_read_user(&header, sizeof(header), (void *)address)) return false;
  return source__of_vector(s, (u64)header.msg_iov, header.msg_iovlen);
}

/* The socket that `file` is, or NULL. Read by probing. */
static __always_inline struct sock *source__socket_of(struct file *file, bool *nonblocking) {
  if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK) return NULL;
  if (nonblocking) *nonblocking = BPF_CORE_READ(file, f_flags) & O_NONBLOCK;
  struct socket *socket = BPF_CORE_READ(file, private_data);
  return BPF_CORE_READ(socket, sk);
}

/* The same behind a descriptor of the current task. */
static __always_inline struct sock *source__socket(struct task_struct *task, u32 fd, bool *nonblocking) {
  struct fdtable *table = BPF_CORE_READ(task, files, fdt);
  if (fd >= BPF_CORE_READ(table, max_fds)) return NULL;
  struct file **files = BPF_CORE_READ(table, fd);
  struct file *file = NULL;
  if (bpf_probe_read_kernel(&file, sizeof(file), files + fd)) return NULL;
  return source__socket_of(file, nonblocking);
}

/* read, write, recvfrom, sendto: one range, named by the registers. */
static __always_inline bool source__of_plain_call(struct source *s, const struct pt_regs *regs, u8 dir) {
  long nr = regs->orig_ax;
  if (nr != (dir == DIRECTION_SEND ? NR_write : NR_read) && nr != (dir == DIRECTION_SEND ? NR_sendto : NR_recvfrom)) return false;
  s->base = regs->si;
  s->bytes = regs->dx;
  s->vector = 0;
  s->ranges = 1;
  return true;
}

static __noinline enum source_state source__of_any_call(struct source *s, struct task_struct *task, struct pt_regs *regs, u8 dir,
                                                        struct sock *sk) {
  if (task->thread_info.status & TS_COMPAT) return SOURCE_32_BIT;
  long nr = regs->orig_ax;
  if (nr == NR_io_uring_enter) return SOURCE_IO_URING;
  /* Task work of io_uring runs at the end of an unrelated call, whose registers say nothing about this socket. */
  if (sk && task->io_uring && source__socket(task, regs->di, NULL) != sk) return SOURCE_IO_URING;
  if (source__of_plain_call(s, regs, dir)) return SOURCE_FOUND;
  if (nr == (dir == DIRECTION_SEND ? NR_writev : NR_readv) || nr == (dir == DIRECTION_SEND ? NR_pwritev2 : NR_preadv2))
    return source__of_vector(s, regs->si, regs->dx) ? SOURCE_FOUND : SOURCE_UNREADABLE;
  if (nr == (dir == DIRECTION_SEND ? NR_sendmsg : NR_recvmsg)) return source__of_header(s, regs->si) ? SOURCE_FOUND : SOURCE_UNREADABLE;
  if (nr == (dir == DIRECTION_SEND ? NR_sendmmsg : NR_recvmmsg)) {
    if (regs->dx != 1) return SOURCE_OTHER_CALL; /* the hook runs once per message and cannot tell which */
    return source__of_header(s, regs->si) ? SOURCE_FOUND : SOURCE_UNREADABLE;
  }
  if (nr == NR_sendfile || nr == NR_splice) return SOURCE_PAGES;
  return SOURCE_IO_URING;
}

/* Inside or at the end of a system call: its registers still hold the arguments. */
static __always_inline enum source_state source__of_call(struct source *s, struct task_struct *task, struct pt_regs *regs, u8 dir,
                                                         struct sock *sk) {
  if (!task->io_uring && !(task->thread_info.status & TS_COMPAT) && source__of_plain_call(s, regs, dir)) return SOURCE_FOUND;
  return source__of_any_call(s, task, regs, dir, sk);
}

/* The time of a send that is stamped after the call: the stack's own transmit time, if it belongs to this send. It can lie
 * in the future under pacing, and is old when the bytes were only queued. */
static __always_inline u64 source__send_time(struct conn *c, struct tcp_sock *tp, u64 now) {
  u64 stamp = tp_get(tp, tcp_wstamp_ns);
  if (stamp <= c->last_ns[0] || stamp <= c->last_ns[1]) return now;
  return stamp < now ? stamp : now;
}

/* From the last segment's arrival to this read. The stack refreshes this clock when it acknowledges too, so the true wait
 * may be longer, never shorter. */
static __always_inline u32 source__wait(struct tcp_sock *tp, u64 now) {
  u64 arrival = tp_get(tp, tcp_clock_cache);
  if (!arrival || arrival >= now) return 0;
  u64 wait = now - arrival;
  return wait > 0xffffffffu ? 0xffffffffu : wait;
}

/* An operation whose bytes cannot be had: counted where a message was expected, and the clock goes on. */
static __always_inline int source__refuse(struct conn *c, struct task_struct *task, u8 dir, u64 now, enum source_state state) {
  bool expected = c->last_dir != dir || c->need[dir] || (c->flags & CONN_PIPELINED);
  if (expected && state != SOURCE_PAGES)
    emit__refuse(state == SOURCE_IO_URING ? DROP_IO_URING
                 : state == SOURCE_32_BIT ? DROP_32_BIT
                 : state == SOURCE_OTHER_CALL ? DROP_CALL_KIND
                                              : DROP_NOT_READABLE);
  c->need[dir] = 0; /* a head with a hole is none */
  c->stash[dir].len = 0;
  op__moved(c, dir, now);
  if (dir == DIRECTION_RECEIVE) context__received(c, task, now);
  return 0;
}

/* Before a send: if a response is due, what the runtime says of it, and what the thread's context has to do with it. */
static __always_inline u16 source__response(struct conn *c, struct task_struct *task, u64 now) {
  if (c->request_dir != DIRECTION_RECEIVE || c->last_dir != DIRECTION_RECEIVE) return 0;
  witness__before_response(c, task, now);
  return context__at_response(c, task);
}

/* A send or receive that has moved `bytes` bytes from `seq` on; `o->source` is set. */
static __always_inline int source__done(struct conn *c, struct sock *sk, struct tcp_sock *tp, struct task_struct *task, struct op *o, u32 seq,
                                        u32 bytes, u8 dir, bool nonblocking, enum shed_verdict verdict) {
  o->dir = dir;
  o->bytes = bytes;
  o->seq = seq;
  o->flags = DATA_EXACT;
  o->now = bpf_ktime_get_ns();
  if (dir == DIRECTION_SEND) o->now = source__send_time(c, tp, o->now);
  else o->wait_ns = source__wait(tp, o->now);
  o->end_seq[DIRECTION_RECEIVE] = dir == DIRECTION_RECEIVE ? seq : conn__received_end(sk, tp);
  o->end_seq[DIRECTION_SEND] = dir == DIRECTION_SEND ? seq : conn__sent_end(c, tp);
  if (dir == DIRECTION_RECEIVE && nonblocking) o->flags |= DATA_NONBLOCKING;
  if (dir == DIRECTION_SEND) o->flags |= source__response(c, task, o->now);
  shed__tell(c, o, verdict);
  if (io__moved(c, sk, o)) return source__refuse(c, task, dir, o->now, SOURCE_UNREADABLE);
  witness__after(c, task, dir, o->now);
  return 0;
}

/* Bytes of an exchange that is not reported: who reads them works on a request that nobody is told of. */
static __always_inline int source__shed(struct conn *c, struct task_struct *task, u8 dir) {
  if (dir == DIRECTION_RECEIVE) context__received(c, task, 0);
  return 0;
}

/* tp_btf/sock_recv_length, tp_btf/sock_send_length, fexit/tcp_recvmsg: after the call's work, inside the call. */
static __always_inline int source__length(struct sock *sk, int ret, int flags, u8 dir) {
  if (ret < 0 || (dir == DIRECTION_RECEIVE && (flags & MSG_NOT_STREAM))) return 0;
  struct task_struct *task = (void *)bpf_get_current_task_btf();
  if (!ret) return dir == DIRECTION_RECEIVE && context__follows_ends(task) ? context__ended(conn__find(sk), sk, task) : 0;
  struct knobs *k = knobs();
  if (!k || !k->ready) return 0;
  struct conn *c = io__conn(sk, task, dir);
  if (!c || io__dull(c, dir)) return 0;
  struct tcp_sock *tp = conn__tcp(sk);
  if (!tp) return 0;
  u32 seq = (dir == DIRECTION_SEND ? conn__sent_end(c, tp) : conn__received_end(sk, tp)) - ret;
  /* The call does not count what was inserted into it, the first on its connection. */
  if (dir == DIRECTION_SEND && (c->flags & CONN_WRITTEN) && !c->request_seq && c->last_dir != DIRECTION_SEND) seq = c->isn_own + 1;
  enum shed_verdict verdict = shed__verdict(c, sk, tp, k->keep_below, dir, seq);
  if (verdict == SHED_DROP) return source__shed(c, task, dir);
  struct op o = {};
  enum source_state state = SOURCE_PAGES; /* MSG_TRUNC throws the bytes away */
  if (dir == DIRECTION_SEND || !(flags & MSG_TRUNC)) state = source__of_call(&o.source, task, (struct pt_regs *)bpf_task_pt_regs(task), dir, sk);
  if (state != SOURCE_FOUND) return source__refuse(c, task, dir, bpf_ktime_get_ns(), state);
  return source__done(c, sk, tp, task, &o, seq, ret, dir, flags & MSG_DONTWAIT, verdict);
}

/* What could not be read at entry no longer waits. */
static __always_inline void source__warm(struct conn *c, struct knobs *k) {
  c->flags &= ~CONN_COLD;
  __sync_fetch_and_sub(&k->cold_pending, 1);
}

/* A cold page, or pages instead of user memory: if a message is expected the call's end will read it. */
static __always_inline void source__postpone(struct conn *c, struct knobs *k, struct task_struct *task, const struct op *o) {
  if (c->last_dir == DIRECTION_SEND && !c->need[DIRECTION_SEND] && !(c->flags & CONN_PIPELINED)) {
    op__note(c, o);
    return;
  }
  __sync_fetch_and_add(&k->cold_pending, 1);
  c->flags |= CONN_COLD;
  c->cold_tid = task->pid;
  c->cold_ns = o->now;
  c->cold_seq = o->seq;
  c->cold_done = o->done;
}

/* tp_btf/tcp_sendmsg_locked, fentry/tcp_sendmsg_locked: before the bytes are copied. The first runs once per segment built, and
 * again after each wait for room. */
static __always_inline int source__entry(struct sock *sk, const struct msghdr *msg) {
  struct knobs *k = knobs();
  if (!k || !k->ready) return 0;
  struct task_struct *task = (void *)bpf_get_current_task_btf();
  struct conn *c = io__conn(sk, task, DIRECTION_SEND);
  if (!c || io__dull(c, DIRECTION_SEND)) return 0;
  struct tcp_sock *tp = conn__tcp(sk);
  if (!tp) return 0;
  u64 left = msg->msg_iter.count;
  if (!left || sk_get(sk, sk_err) || (sk_get(sk, sk_shutdown) & SEND_SHUTDOWN)) return 0; /* nothing will be sent */
  if (c->flags & CONN_COLD) {
    if (c->cold_tid == (u32)task->pid) return 0; /* the call's end reads it all */
    source__warm(c, k);
  }
  u32 seq = tp_get(tp, write_seq);
  enum shed_verdict verdict = shed__verdict(c, sk, tp, k->keep_below, DIRECTION_SEND, seq);
  if (verdict == SHED_DROP) {
    c->copied_to = seq + (u32)left;
    return 0;
  }
  struct op o = {.dir = DIRECTION_SEND, .bytes = left, .seq = seq, .now = bpf_ktime_get_ns()};
  if (c->last_dir == DIRECTION_SEND) {
    /* The same call goes on, or the bytes were shown by one that found no room: an event per byte, not per attempt. */
    u32 shown = c->copied_to - o.seq;
    if (shown - 1 < 2 * SUTURE_HEAD_MAX) o.done = shown;
    if (msg->msg_iter.iov_offset || o.done >= left) {
      op__note(c, &o);
      return 0;
    }
  }
  o.end_seq[DIRECTION_RECEIVE] = conn__received_end(sk, tp);
  o.end_seq[DIRECTION_SEND] = o.seq;
  o.flags = source__response(c, task, o.now);
  shed__tell(c, &o, verdict);
  if (source__of_iterator(&o.source, msg) && !io__moved(c, sk, &o)) {
    witness__after(c, task, DIRECTION_SEND, o.now);
    return 0;
  }
  source__postpone(c, k, task, &o);
  return 0;
}

/* fentry/do_tcp_sendpages: sendfile, splice, a socket in a sockhash. */
static __always_inline int source__pages(struct sock *sk, u64 bytes) {
  struct knobs *k = knobs();
  if (!k || !k->ready) return 0;
  struct task_struct *task = (void *)bpf_get_current_task_btf();
  struct conn *c = io__conn(sk, task, DIRECTION_SEND);
  struct tcp_sock *tp = c && !(c->flags & CONN_COLD) ? conn__tcp(sk) : NULL;
  if (!tp) return 0;
  struct op o = {.dir = DIRECTION_SEND, .bytes = bytes, .seq = tp_get(tp, write_seq), .now = bpf_ktime_get_ns()};
  source__postpone(c, k, task, &o);
  return 0;
}

/* tp_btf/sock_send_length, fexit/tcp_sendmsg_locked beside an entry hook: only what the entry could not read. */
static __always_inline int source__cold(struct sock *sk, int ret) {
  struct knobs *k = knobs();
  if (!k || !k->cold_pending) return 0;
  struct task_struct *task = (void *)bpf_get_current_task_btf();
  if (process__denied(task->tgid)) return 0;
  struct conn *c = conn__find(sk);
  if (!c || !(c->flags & CONN_COLD)) return 0;
  source__warm(c, k);
  struct tcp_sock *tp = conn__tcp(sk);
  if (!tp || ret <= 0 || c->verdict > VERDICT_HTTP) return 0;
  count(COUNT_COLD);
  struct source s = {};
  enum source_state state = source__of_call(&s, task, (struct pt_regs *)bpf_task_pt_regs(task), DIRECTION_SEND, sk);
  if (state != SOURCE_FOUND) return source__refuse(c, task, DIRECTION_SEND, c->cold_ns, state);
  struct op o = {.dir = DIRECTION_SEND, .bytes = ret, .seq = c->cold_seq, .flags = DATA_EXACT, .now = c->cold_ns, .done = c->cold_done};
  o.end_seq[DIRECTION_RECEIVE] = conn__received_end(sk, tp);
  o.end_seq[DIRECTION_SEND] = o.seq;
  o.source = s;
  o.flags |= source__response(c, task, o.now);
  shed__tell(c, &o, SHED_KEEP);
  if (io__moved(c, sk, &o)) return source__refuse(c, task, DIRECTION_SEND, o.now, SOURCE_UNREADABLE);
  witness__after(c, task, DIRECTION_SEND, o.now);
  return 0;
}
