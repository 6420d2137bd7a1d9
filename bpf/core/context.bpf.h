/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Which request a thread is working on, as far as its reads tell: the last one that it read, or the one for which it had
 * sent a request whose answer it read last. Kept with the thread, in the kernel's order of events; body bytes count too,
 * of which no event tells. Whether that request may be called the cause of what the thread sends is judged in user space. */
#pragma once

#include "process.bpf.h"

/* The state of `task`, or NULL: most processes never read a request. */
static __always_inline struct thread *context__thread(struct task_struct *task) {
  return process__is(task->tgid, PROCESS_WORKS) ? bpf_task_storage_get(&suture_threads, task, 0, 0) : NULL;
}

/* The same, made of `fresh` where there was none. NULL: no memory. */
static __always_inline struct thread *context__make(struct task_struct *task, struct thread *fresh) {
  process__mark(task->tgid, PROCESS_WORKS);
  return bpf_task_storage_get(&suture_threads, task, fresh, BPF_LOCAL_STORAGE_GET_F_CREATE);
}

static __always_inline void context__set(struct task_struct *task, struct witness_context context) {
  struct thread *t = context__thread(task);
  if (t) {
    t->context = context;
    t->answered = 0;
    t->token.connection = 0;
    if (context.connection) t->started_for.connection = 0; /* it takes requests of its own */
  } else if (witness_context_tells(context)) {
    t = context__make(task, NULL);
    if (t) t->context = context;
  }
}

/* The answer to a request that nobody owns was read: by the thread to which that request was handed over. */
static __always_inline void context__carry(const struct conn *c, struct task_struct *task, u64 now) {
  struct thread *t = context__make(task, NULL);
  if (!t) return;
  t->context = (struct witness_context){};
  t->token.connection = c->id;
  t->token.seq = c->request_seq;
  t->token_ns = now;
  t->token_passed = 0;
}

/* A connection that is not HTTP, or not yet: a database, say. What it answers belongs to whom it was asked for. */
static __always_inline void context__opaque(struct conn *c, struct task_struct *task, u8 dir) {
  if (c->verdict == VERDICT_IGNORED) return;
  if (dir == DIRECTION_RECEIVE) return context__set(task, c->owner);
  struct thread *t = context__thread(task);
  if (t) c->owner = t->context;
  else c->owner = (struct witness_context){};
}

/* After bytes were received on an HTTP connection. */
static __always_inline void context__received(struct conn *c, struct task_struct *task, u64 now) {
  if (c->shed) return context__set(task, (struct witness_context){}); /* of a request that nobody is told of */
  if (c->verdict != VERDICT_HTTP) return context__opaque(c, task, DIRECTION_RECEIVE);
  struct witness_context context = {};
  if (c->request_dir == DIRECTION_SEND) {
    context = c->owner;
    if (!context.connection && process__hands_over(task->tgid)) return context__carry(c, task, now);
  } else if (c->flags & CONN_PIPELINED) {
    context.seq = 1; /* of several requests in one read nobody knows which is worked on */
  } else {
    context.connection = c->id;
    context.seq = c->request_seq;
  }
  context__set(task, context);
}

/* A read found the peer's end. Where answers end so (FastCGI, HTTP without a length) a loop goes on with whoever asked. Of nginx
 * alone, which reads an end for nothing else: a pool that tries an idle connection finds one too, and works on another request
 * than the last that was sent there. The agent would tell too late which program it is. */
static __always_inline bool context__follows_ends(struct task_struct *task) {
  return (*(u64 *)task->comm & 0xffffffffffff) == 0x00786e69676e; /* "nginx" and its end, little endian */
}

static __always_inline int context__ended(struct conn *c, struct sock *sk, struct task_struct *task) {
  if (!c || c->verdict != VERDICT_HTTP || c->request_dir != DIRECTION_SEND || !(sk_get(sk, sk_shutdown) & RCV_SHUTDOWN)) return 0;
  context__received(c, task, bpf_ktime_get_ns());
  return 0;
}

/* Before a response begins: does the thread that writes it still know which request it answers? What it has answered before itself it
 * does not take for that one. */
static __always_inline u16 context__at_response(const struct conn *c, struct task_struct *task) {
  struct thread *t = context__thread(task);
  if (!t || !t->context.connection) return 0;
  bool same = t->context.connection == c->id && t->context.seq == c->request_seq;
  if (!same && t->answered) return 0;
  t->answered = same;
  return same ? DATA_CONTEXT_SAME : DATA_CONTEXT_OTHER;
}

/* The connection is being opened, by whoever will send on it. */
static __always_inline void context__connect(struct conn *c, struct task_struct *task) {
  struct thread *t = context__thread(task);
  if (t) c->owner = t->context;
  c->flags |= CONN_BOUND;
}
