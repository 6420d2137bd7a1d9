/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Exchanges that are not reported, because the agent has used up its share of the host. The verdict is per request and the
 * same at both ends of a connection: a hash of the handshake's numbers and the request's position. It falls where the
 * direction turns to requests, before user memory is read, and the exchange then costs what its hooks cost. Nothing of it
 * is kept: the connection's clocks and positions stay where the last reported exchange left them, and the next request
 * that is reported says so (DATA_AFTER_SHED). FastCGI is not shed: after a turn an application may read the end of the request
 * before, so that its end of a connection would judge another position than the web server's. */
#pragma once

#include "op.bpf.h"

/* An exchange of this connection is under way, or was the last, that nobody is told of. */
static __always_inline bool conn__shed(const struct conn *c) { return c->shed != SHED_NOT; }

/* `seq`: of the request's first byte. */
static __always_inline bool shed__keeps(const struct conn *c, u8 dir, u32 seq, u32 keep_below) {
  if (keep_below == ~0u) return true;
  u32 asks = dir == DIRECTION_SEND ? c->isn_own : c->isn_peer;
  u32 answers = dir == DIRECTION_SEND ? c->isn_peer : c->isn_own;
  u64 hash = ((u64)asks << 32 | answers) + (u64)(seq - asks) * 0x9e3779b97f4a7c15ull; /* odd, bits as good as chance */
  hash = (hash ^ hash >> 32) * 0xd6e8feb86659fd93ull;
  return (u32)(hash >> 32) < keep_below;
}

/* From here on nothing is reported, up to the next request that is kept. */
static __always_inline void shed__begin(struct conn *c, u8 dir, u32 seq, u32 answers_seq) {
  if (!c->shed) {
    c->kept_end[dir] = seq;
    c->kept_end[!dir] = answers_seq;
    c->shed = SHED_NOW;
  }
  c->last_dir = dir;
  c->flags &= ~(CONN_BEGAN | CONN_BOUND);
  c->owner = (struct witness_context){};
  emit__refuse(DROP_SHED);
}

/* A body, or a second request that did not wait for the answer to the first. */
static __always_inline void shed__goes_on(struct conn *c, const struct op *o) {
  u64 first = 0;
  if (o->source.bytes < 8 || o->bytes < 8 || bpf_probe_read_user(&first, 8, (void *)o->source.base)) return;
  if (head__look(first) == LOOK_REQUEST) c->shed = SHED_ALL;
}

enum shed_verdict {
  SHED_KEEP,
  SHED_DROP,
  SHED_LOOK, /* what begins here may be a request, or not: only its bytes tell. If it is one, it is shed */
};

/* What is to become of the operation that begins at `seq`. Requests of a connection that has shown that it does not
 * pipeline are shed unseen; others are looked at first, as more requests may stand behind the first, or a body may go on. */
static __always_inline enum shed_verdict shed__verdict(struct conn *c, struct sock *sk, struct tcp_sock *tp, u32 keep_below, u8 dir, u32 seq) {
  if (keep_below == ~0u && !c->shed) return SHED_KEEP;
  bool turned = c->last_dir != dir;
  if (c->shed) {
    if (c->shed == SHED_ALL || dir != c->request_dir) {
      c->last_dir = dir;
      return SHED_DROP;
    }
    if (!turned || shed__keeps(c, dir, seq, keep_below)) return SHED_KEEP;
  } else {
    if (!turned || (c->request_dir != 2 && dir != c->request_dir) || (c->flags & (CONN_PIPELINED | CONN_COLD | CONN_FASTCGI))) return SHED_KEEP;
    if (c->need[0] || c->need[1]) return SHED_KEEP; /* a head is under way */
    if (!(c->flags & CONN_HAVE_ISN)) conn__name(c, sk, tp);
    if (shed__keeps(c, dir, seq, keep_below)) return SHED_KEEP;
  }
  if (c->plain < PLAIN_ENOUGH || (!c->shed && (c->has_body || c->stash[dir & 1].len))) return SHED_LOOK;
  shed__begin(c, dir, seq, dir == DIRECTION_SEND ? conn__received_end(sk, tp) : conn__sent_end(c, tp));
  return SHED_DROP;
}

/* The operation is looked at. If a request begins with it, those before it that were shed are told of. */
static __always_inline void shed__tell(const struct conn *c, struct op *o, enum shed_verdict verdict) {
  o->doomed = verdict == SHED_LOOK;
  if (!c->shed) return;
  o->answers_seq = o->dir == DIRECTION_SEND ? o->end_seq[DIRECTION_RECEIVE] : o->end_seq[DIRECTION_SEND];
  o->end_seq[0] = c->kept_end[0];
  o->end_seq[1] = c->kept_end[1];
  o->flags |= DATA_AFTER_SHED;
}
