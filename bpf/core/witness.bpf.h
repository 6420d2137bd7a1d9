/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What may link one request of a process to another, put into the ring right after the head that it is about. */
#pragma once

#include "op.bpf.h"
#include "walk_cpython.bpf.h"
#include "walk_go.bpf.h"
#include "walk_tokio.bpf.h"

/* Whether a walk at this point can tell anything that is not known yet. */
static __always_inline bool witness__wants(const struct runtime *r, const struct conn *c, u8 point) {
  if (r->kind == RUNTIME_CPYTHON) return point == WITNESS_REQUEST_SENT || point == WITNESS_RESPONSE_SENT;
  if (point == WITNESS_RESPONSE_READ) return !(c->flags & CONN_NAMED);
  return point != WITNESS_RESPONSE_SENT; /* whoever reads a request answers it */
}

/* Finds the runtime's own names of what runs and of what waits, at one point of an exchange. Returns how many. */
static __always_inline u8 witness__walk(struct runtime *r, struct names *names, u8 point) {
  if (r->kind == RUNTIME_CPYTHON) return cpython__walk(r, names, point);
  if (r->kind == RUNTIME_GO) return go__walk(r, names, point);
  if (r->kind == RUNTIME_TOKIO) return tokio__walk(r, names, point);
  return 0;
}

/* A function of its own, so that the verifier proves it once. */
__noinline int witness__emit(struct conn *c, u64 now, u8 point) {
  struct knobs *k = knobs();
  struct task_struct *task = (void *)bpf_get_current_task_btf();
  if (!c || !k) return 0;
  u32 tgid = task->tgid;
  struct runtime *r = process__has_runtime(tgid) ? bpf_map_lookup_elem(&suture_runtimes, &tgid) : NULL;
  bool walks = r && witness__wants(r, c, point);
  if (!walks && point != WITNESS_REQUEST_SENT) return 0;
  struct event_witness *e = emit__reserve(sizeof(*e));
  if (!e) return 0;
  e->header = (struct event_header){.type = EVENT_WITNESS, .size = offsetof(struct event_witness, value), .time_ns = now};
  e->process_start_ns = process__start_ns(task);
  e->connection = c->id;
  e->tgid = tgid;
  e->tid = task->pid;
  e->seq = c->request_seq;
  e->point = point;
  e->runtime = r ? r->kind : RUNTIME_NONE;
  e->values = 0;
  e->pad = 0;
  e->thread = (struct witness_context){};
  e->bound = (struct witness_context){};
  if (point == WITNESS_REQUEST_SENT) {
    struct thread *t = process__hands_over(tgid) ? context__make(task, NULL) : context__thread(task); /* where threads are woken it cannot be made */
    if (t) {
      e->thread = t->context;
      t->token.connection = 0; /* it works on something else now */
    }
    if (c->flags & CONN_BOUND) {
      e->bound = c->owner;
      c->flags &= ~CONN_BOUND;
    }
    c->owner = witness_context_tells(e->bound) ? e->bound : e->thread;
    if (t && !c->owner.connection && t->started_for.connection) {
      e->header.flags = WITNESS_STARTED;
      e->thread = t->started_for;
      t->sent = 1;
    }
  }
  if (walks) {
    e->values = witness__walk(r, (struct names *)e->value, point);
    e->header.size += 8 * e->values;
    if (point == WITNESS_REQUEST_SENT) c->flags = e->values ? c->flags | CONN_NAMED : c->flags & ~CONN_NAMED;
    if (point != WITNESS_REQUEST_SENT && !e->values) {
      bpf_ringbuf_discard(e, BPF_RB_NO_WAKEUP);
      return 0;
    }
  }
  emit__submit(e, k);
  return 0;
}

/* After an operation that may have begun a message. */
static __always_inline void witness__after(struct conn *c, struct task_struct *task, u8 dir, u64 now) {
  if (dir == DIRECTION_RECEIVE) context__received(c, task, now);
  else if (c->verdict != VERDICT_HTTP) context__opaque(c, task, dir);
  if (!(c->flags & CONN_BEGAN)) return;
  c->flags &= ~CONN_BEGAN;
  bool request = dir == c->request_dir;
  if (dir == DIRECTION_SEND) {
    if (request) witness__emit(c, now, WITNESS_REQUEST_SENT); /* else witness__before_response() was there */
  } else if (process__has_runtime(task->tgid)) {
    witness__emit(c, now, request ? WITNESS_REQUEST_READ : WITNESS_RESPONSE_READ);
  }
}

/* Before a send where a response is due: a response in one write ends its exchange, and what the event says after it would
 * be about nothing. */
static __always_inline void witness__before_response(struct conn *c, struct task_struct *task, u64 now) {
  if (process__has_runtime(task->tgid)) witness__emit(c, now, WITNESS_RESPONSE_SENT);
}
