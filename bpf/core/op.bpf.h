/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* One operation on a socket: where its bytes lie, what it does to the connection's record, and the event it makes. */
#pragma once

#include "conn.bpf.h"
#include "head.bpf.h"

/* Where the bytes of a call lie in user memory: one range, or a vector of them. */
struct source {
  u64 base, bytes; /* the first range */
  u64 vector;      /* address of the iovec array, 0: there is one range only */
  u32 ranges;      /* in the vector */
  u32 kernel;      /* the vector is in kernel memory */
};

/* One operation, as the slow path needs it: plain numbers. */
struct op {
  struct source source;
  u64 now;
  u64 done;  /* bytes of the call that are dealt with, or were by an attempt before */
  u32 seq;   /* of the call's first byte */
  u32 bytes; /* of the call */
  u32 end_seq[2];
  u32 wait_ns;
  u16 flags; /* enum event_flags */
  u8 dir;
  u8 doomed; /* a request that begins here is shed */
  u32 answers_seq;
};

static __always_inline void op__fill(struct event_data *e, const struct conn *c, const struct op *o, u32 seq, u32 bytes, u32 copied,
                                     u64 time_ns, u8 kind) {
  struct task_struct *task = (void *)bpf_get_current_task_btf();
  e->header.type = EVENT_DATA;
  e->header.flags = o->flags;
  e->header.size = sizeof(*e) + copied;
  e->header.time_ns = time_ns;
  e->connection = c->id;
  e->process_start_ns = process__start_ns(task);
  e->tgid = task->tgid;
  e->tid = task->pid;
  e->last_ns[0] = c->last_ns[0];
  e->last_ns[1] = c->last_ns[1];
  e->end_seq[0] = o->end_seq[0];
  e->end_seq[1] = o->end_seq[1];
  e->seq = seq;
  e->call_bytes = bytes;
  e->wait_ns = o->wait_ns;
  e->data_bytes = copied;
  e->direction = o->dir;
  e->kind = kind;
  e->answers_seq = o->answers_seq;
  e->pad = 0;
}

/* Keeps a length inside [1, limit] in a way that the compiler cannot fold into what it knows already: the verifier
 * does not know it. */
#define BOUND(n, limit) asm volatile("if %0 <= %1 goto +1\n\t%0 = %1" : "+r"(n) : "i"(limit))

static __always_inline void op__not_http(struct conn *c, u8 verdict) {
  c->verdict = c->verdict == VERDICT_HTTP ? VERDICT_UPGRADED : verdict;
  count(COUNT_NOT_HTTP);
}

/* The first bytes after a turn, or of a connection, look like no HTTP/1 message. */
static __always_inline void op__miss(struct conn *c, int look) {
  if (look == LOOK_TLS) return op__not_http(c, VERDICT_TLS);
  if (look == LOOK_HTTP2) return op__not_http(c, VERDICT_HTTP2);
  u8 limit = c->verdict == VERDICT_HTTP ? SUTURE_MISSES_HTTP : SUTURE_MISSES_UNKNOWN;
  if (++c->misses >= limit) op__not_http(c, VERDICT_OTHER);
}

/* A client that writes several requests in one call does that from its first requests on. So for those only, bytes that end
 * like one head are scanned for more of them, and what stands behind a head in its call is copied and scanned too, as it
 * may be a body with requests behind it. Should pipelining begin later, its connection has a hole that the agent sees. */
#define PLAIN_ENOUGH 16

/* A body that reads like a request makes a connection look pipelined. One whose requests then come one by one, so many times,
 * is copied whole no longer; the next PLAIN_ENOUGH are scanned again, beginning with the one that decided it. */
#define ALONE_ENOUGH 4

static __always_inline void op__pipelined(struct conn *c) {
  c->flags |= CONN_PIPELINED;
  c->alone = 0;
}

static __always_inline void op__alone(struct conn *c) {
  if (!(c->flags & CONN_PIPELINED) || ++c->alone < ALONE_ENOUGH) return;
  c->flags &= ~CONN_PIPELINED;
  c->plain = 0;
}

/* What io__message has done. */
enum {
  MESSAGE_DONE = 0,
  MESSAGE_UNREADABLE = 1, /* the first bytes could not be read: whoever can read them later does */
  MESSAGE_ANNOUNCE = 2,   /* a message begins on a connection that is not announced: announce it, call again */
};

/* After an operation, whatever it was: its time is that of the last one in its direction. */
static __always_inline void op__moved(struct conn *c, u8 dir, u64 now) {
  c->last_dir = dir;
  if (c->shed) return;
  c->last_ns[dir] = now;
  c->noted[dir] = 0;
}

static __always_inline void op__note(struct conn *c, const struct op *o) {
  u8 dir = o->dir & 1;
  op__moved(c, dir, o->now);
  barrier(); /* a sweep that finds the end finds its time */
  c->noted_end[dir] = o->seq + o->bytes;
  c->noted[dir] = 1;
}

/* What may have begun a message finds no room. What the thread does next is not for the request before. */
static __always_inline void op__lost(struct conn *c, const struct op *o) {
  if (c->last_dir == (o->dir & 1)) return;
  if (c->request_dir == DIRECTION_RECEIVE && o->dir == DIRECTION_RECEIVE) c->request_seq = o->seq;
  if (c->request_dir == DIRECTION_SEND && o->dir == DIRECTION_SEND) c->owner = (struct witness_context){};
}

/* Once whoever connected has sent a request, nothing that comes the other way is one, however it reads: it is a body. */
static __always_inline bool op__is_body(const struct conn *c, u8 dir, int look) {
  if (!c->request_seq || look < LOOK_REQUEST || look > LOOK_TOKEN) return false; /* 0: no request has begun yet */
  u8 requests = look == LOOK_RESPONSE ? !dir : dir;
  return requests != c->request_dir && c->role == (c->request_dir == DIRECTION_SEND ? ROLE_CLIENT : ROLE_SERVER);
}

/* A message begins at `seq` in the stream, of whatever protocol. */
static __always_inline void op__began(struct conn *c, u8 dir, bool answer, u32 seq) {
  c->verdict = VERDICT_HTTP;
  c->misses = 0;
  c->shed = SHED_NOT;
  if (!answer) c->has_body = 0;
  c->match[dir] = 0;
  c->need[dir] = SUTURE_HEAD_MAX;
  c->request_dir = answer ? !dir : dir;
  if (!answer) c->request_seq = seq;
}

/* A message begins with START_BYTES at `first`, `seq` in the stream. `again`: without a turn, so its connection is pipelined. */
static __always_inline void op__started(struct conn *c, u8 dir, int look, bool again, const u8 *first, u32 seq) {
  c->flags |= CONN_BEGAN;
  op__began(c, dir, look == LOOK_RESPONSE, seq);
  if (c->need[!dir] == SUTURE_HEAD_MAX) c->need[!dir] = 0; /* no other head came; one that is under way goes on */
  if (look == LOOK_RESPONSE)
    c->interim = first[9] != '1' ? INTERIM_NOT : first[10] == '0' && first[11] == '1' ? INTERIM_UPGRADE : INTERIM_MORE;
  if (again) op__pipelined(c);
  else if (look != LOOK_RESPONSE) op__alone(c);
}

/* The head in direction `dir` is complete. */
static __always_inline void op__head_done(struct conn *c, u8 dir) {
  c->need[dir] = 0;
  if (dir == c->request_dir || c->interim == INTERIM_NOT) return;
  if (c->interim == INTERIM_UPGRADE) {
    op__not_http(c, VERDICT_UPGRADED);
  } else {
    c->need[dir] = SUTURE_HEAD_MAX;
    c->match[dir] = 0;
  }
  c->interim = INTERIM_NOT;
}
