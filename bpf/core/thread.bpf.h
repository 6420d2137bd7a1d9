/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The life of threads: a service that starts one for a call starts it while it works on the request that the call is for. */
#pragma once

#include "context.bpf.h"
#include "wake_event.bpf.h"

/* Threads of java.net.http's own executor: its selector hands each answer to one of them, a thread that sleeps or a new one,
 * never to a queue that others take from. A new one still has the name of whoever started it. */
static __always_inline bool thread__is_http_client(const struct task_struct *task) {
  return *(const u64 *)task->comm == 0x65696c4370747448ull; /* "HttpClie", of HttpClient-1-Worker-0 */
}

/* `t` has read an answer itself: what was handed to a worker goes no further. */
static __always_inline bool thread__holds_token(const struct thread *t) {
  return t->token.connection && !t->token_passed;
}

/* The answer that `task` has read moves on to `worker`: whom it wakes next it wakes for something else. */
static __always_inline void thread__pass_token(struct task_struct *task, struct task_struct *worker, struct thread *from, struct thread *to) {
  to->token = from->token;
  to->token_ns = from->token_ns;
  to->token_passed = 1;
  wake__emit(task, worker, bpf_ktime_get_ns(), 0, WAKE_HANDS_ANSWER, from->token, (struct witness_context){});
  from->token.connection = 0;
}

/* What a thread that `t`, who runs, starts is started for. */
static __always_inline struct witness_context thread__task(const struct thread *t) {
  return t->context.connection ? t->context : t->started_for;
}

/* Runs in `parent`. A process that hands over gets the state of its threads here, because where they are woken it cannot be
 * made. */
static __always_inline int thread__fork(struct task_struct *parent, struct task_struct *child) {
  if (child->tgid != parent->tgid) return 0;
  struct thread *t = context__thread(parent);
  struct thread fresh = {};
  if (t) fresh.started_for = thread__task(t);
  bool hands_over = process__hands_over(parent->tgid);
  if (t && hands_over && thread__is_http_client(parent) && thread__holds_token(t)) thread__pass_token(parent, child, t, &fresh);
  if (hands_over || fresh.started_for.connection) context__make(child, &fresh);
  return 0;
}

/* `task`, which is `t` and runs, has done what it was started for. `flags`: THREAD_GONE, or 0. */
static __always_inline int thread__over(struct task_struct *task, struct thread *t, u16 flags) {
  t->started_for.connection = 0;
  if (!t->sent || !process__ready()) return 0;
  t->sent = 0;
  struct knobs *k = knobs();
  struct event_thread_exit *e = emit__reserve(sizeof(*e));
  if (!e) return 0;
  e->header = (struct event_header){.type = EVENT_THREAD_EXIT, .flags = flags, .size = sizeof(*e), .time_ns = bpf_ktime_get_ns()};
  e->process_start_ns = process__start_ns(task);
  e->tgid = task->tgid;
  e->tid = task->pid;
  if (k) emit__submit(e, k);
  else bpf_ringbuf_discard(e, BPF_RB_NO_WAKEUP);
  return 0;
}

/* Runs in `task`. */
static __always_inline int thread__exit(struct task_struct *task) {
  struct thread *t = context__thread(task);
  return t ? thread__over(task, t, THREAD_GONE) : 0;
}
