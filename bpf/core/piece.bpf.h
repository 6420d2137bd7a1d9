/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The slow path: heads in tiny pieces, in vectors, over several calls, longer than one record; and pipelined chunks. */
#pragma once

#include "fastcgi.bpf.h"
#include "shed.bpf.h"

/* Sends one range of user memory as one record of a head that goes on, or of a pipelined chunk.
 * Returns the bytes up to the head's end if it lies in here, else 0; or one of the following. */
enum { PIECE_UNREADABLE = -1, PIECE_NO_ROOM = -2 };
#define HEAD_END_(SIZE) head__end_##SIZE
#define HEAD_END(SIZE) HEAD_END_(SIZE)
#define PIECE_SEND(SIZE)                                                                    \
  {                                                                                       \
    struct event_data *e = emit__reserve(sizeof(struct event_data) + (SIZE));             \
    if (!e) return PIECE_NO_ROOM;                                                         \
    u64 size = n;                                                                         \
    BOUND(size, SIZE);                                                                    \
    if (bpf_probe_read_user(e->data, size, (void *)address)) {                            \
      bpf_ringbuf_discard(e, BPF_RB_NO_WAKEUP);                                           \
      return PIECE_UNREADABLE;                                                            \
    }                                                                                     \
    op__fill(e, c, o, o->seq + (u32)o->done, n, size, o->now, kind);                      \
    u32 end = 0;                                                                          \
    if (c->need[o->dir & 1] && !fastcgi__is_request(c, o->dir & 1)) {                     \
      end = HEAD_END(SIZE)((void *)e->data, size, c->match[o->dir & 1]);                  \
      c->match[o->dir & 1] = end;                                                         \
    }                                                                                     \
    emit__submit(e, k);                                                                   \
    return end >> 8;                                                                      \
  }
__noinline int piece__send(struct conn *c, struct op *o, u64 address, u32 n, u8 kind) {
  struct knobs *k = knobs();
  if (!c || !o || !k || !n) return PIECE_NO_ROOM;
  if (n <= SUTURE_CLASS_TINY) PIECE_SEND(SUTURE_CLASS_TINY)
  if (n <= SUTURE_CLASS_1) PIECE_SEND(SUTURE_CLASS_1)
  if (n <= SUTURE_CLASS_3) PIECE_SEND(SUTURE_CLASS_3)
  PIECE_SEND(SUTURE_PIECE)
}

/* Sends the stashed first bytes of a message whose next bytes follow as pieces. False: no room. */
static __always_inline bool piece__send_stash(struct conn *c, struct op *o, struct stash *stash) {
  struct knobs *k = knobs();
  if (!k) return false; /* before the reservation: up to 6.13 the verifier does not know that a constant key is always there */
  struct event_data *e = emit__reserve(sizeof(struct event_data) + 16);
  if (!e) return false;
  op__fill(e, c, o, stash->seq, stash->len, stash->len, stash->since_ns, DATA_START);
  __builtin_memcpy(e->data, stash->bytes, 16);
  emit__submit(e, k);
  return true;
}

/* What the stash ends with, as part of CR LF CR LF. */
__noinline int piece__stash_match(struct conn *c, u8 dir) {
  u8 match = 0;
  if (!c) return 0;
  struct stash *stash = &c->stash[dir & 1];
  for (u32 i = 0; i < START_BYTES; i++)
    if (i < stash->len) match = head__step(match, stash->bytes[i]);
  return match;
}

/* What a range that was looked at turned out to be. */
enum {
  RANGE_DONE = 0,
  RANGE_STOP = 1,       /* nothing more of this call is of use */
  RANGE_ANNOUNCE = 2,   /* a message begins, and the connection must be announced first: call again then */
  RANGE_UNREADABLE = 3,
  RANGE_START = 4,      /* piece__collect: a message begins here */
};

/* Collects the first START_BYTES of what may be a message, over as many calls as it takes, and judges them. */
__noinline int piece__collect(struct conn *c, struct op *o, u64 address, u32 n) {
  if (!c || !o || !n) return RANGE_STOP;
  u8 dir = o->dir & 1;
  struct stash *stash = &c->stash[dir];
  u32 seq = o->seq + (u32)o->done;
  if (!stash->len || stash->seq + stash->len != seq) {
    stash->len = 0;
    stash->seq = seq;
    stash->since_ns = o->now;
    stash->after_turn = c->last_dir != dir;
  }
  u64 have = stash->len, take = START_BYTES - have;
  if (have >= START_BYTES) return RANGE_STOP;
  if (take > n) take = n;
  BOUND(have, START_BYTES - 1);
  BOUND(take, START_BYTES);
  if (bpf_probe_read_user(stash->bytes + have, take, (void *)address)) return RANGE_UNREADABLE;
  u8 begin = stash->bytes[0];
  bool hopeless = !head__tchar(begin) && begin != 0x16 && begin != 1; /* a TLS handshake, a record of FastCGI */
  if (have + take < (begin == 1 ? FASTCGI_HEADER : START_BYTES) && !hopeless) {
    stash->len = have + take;
    o->done += n;
    return RANGE_DONE;
  }
  u64 word;
  __builtin_memcpy(&word, stash->bytes, 8);
  int look = hopeless ? LOOK_NOTHING : head__look(word);
  if (fastcgi__begins(c, dir, look, stash->after_turn)) {
    if (!(c->flags & CONN_ANNOUNCED)) {
      c->verdict = VERDICT_HTTP;
      c->flags |= CONN_FASTCGI;
      c->request_dir = dir;
      return RANGE_ANNOUNCE;
    }
    fastcgi__started(c, dir, look, stash->seq);
    return RANGE_START; /* in piece__fastcgi(): what announces the connection has called it FastCGI */
  }
  if (c->flags & CONN_FASTCGI) look = LOOK_NOTHING; /* in a body */
  /* A method that nobody registered, in tiny pieces: believed only where HTTP was spoken already. */
  if (look == LOOK_TOKEN && (c->verdict != VERDICT_HTTP || !stash->after_turn)) look = LOOK_NOTHING;
  if (op__is_body(c, dir, look)) look = LOOK_NOTHING;
  if (look == LOOK_REQUEST || look == LOOK_RESPONSE || look == LOOK_TOKEN) {
    if (!(c->flags & CONN_ANNOUNCED)) {
      c->verdict = VERDICT_HTTP;
      return RANGE_ANNOUNCE;
    }
    op__started(c, dir, look, !stash->after_turn && c->need[dir] == 0, stash->bytes, stash->seq);
    return RANGE_START;
  }
  stash->len = 0;
  if (stash->after_turn) op__miss(c, look);
  return RANGE_STOP;
}

/* Does another request begin right behind the one that ended at byte `at` of the call? Only requests come unasked. Looks no
 * further than FOLLOW_RANGES into a vector. Bytes too few to tell are kept until more come. */
#define FOLLOW_RANGES 4
__noinline int piece__follows(struct conn *c, struct op *o, u32 at) {
  if (!c || !o || at >= o->bytes) return 0;
  u64 base = o->source.base, left = o->source.bytes, offset = at;
  for (u32 range = 1; range < FOLLOW_RANGES && offset >= left; range++) {
    if (!o->source.vector || range >= o->source.ranges) return 0;
    struct iovec v;
    void *where = (void *)(o->source.vector + range * sizeof(struct iovec));
    if (o->source.kernel ? bpf_probe_read_kernel(&v, sizeof(v), where) : bpf_probe_read_user(&v, sizeof(v), where)) return 0;
    offset -= left;
    base = (u64)v.iov_base;
    left = v.iov_len;
  }
  u64 rest = o->bytes - at;
  BOUND(rest, 8);
  if (rest < 1 || offset + rest > left) return 0;
  struct stash *stash = &c->stash[o->dir & 1];
  u64 next = 0;
  if (bpf_probe_read_user(&next, rest, (void *)(base + offset))) return 0;
  if (rest == 8) return head__look(next) == LOOK_REQUEST;
  __builtin_memcpy(stash->bytes, &next, 8);
  stash->seq = o->seq + at;
  stash->len = rest;
  stash->after_turn = 0;
  stash->since_ns = o->now;
  return 0;
}

/* A stash that meets a turn: a head whose sender was interrupted (a pipelined one, between two reads), or the end of a body
 * that no message followed. What begins a message by itself does not go on with one. */
static __always_inline void piece__reconsider(struct conn *c, const struct op *o, u64 n) {
  struct stash *stash = &c->stash[o->dir & 1];
  if (c->last_dir == (o->dir & 1)) return;
  u64 first = 0;
  if (n < START_BYTES || o->done || bpf_probe_read_user(&first, 8, (void *)o->source.base)) {
    if (!stash->after_turn) stash->len = 0;
    return;
  }
  int look = head__look(first);
  if (look == LOOK_REQUEST || look == LOOK_RESPONSE) stash->len = 0;
}

static __always_inline bool piece__is_early(struct conn *c, u8 dir) {
  if (dir != c->request_dir || c->plain >= PLAIN_ENOUGH) return false;
  c->plain++;
  return true;
}

/* `n` bytes of a head are dealt with, and the head has not ended. */
static __always_inline void piece__goes_on(struct conn *c, u8 dir, u32 n) {
  if (c->need[dir] > n) {
    c->need[dir] -= n;
    return;
  }
  c->need[dir] = 0;
  count(COUNT_HEAD_TOO_LONG);
}

/* One range of user memory, of a connection that speaks FastCGI. Of a request what stands behind its head stays where it is;
 * of a response no more than one record of the ring leaves at once. */
__noinline int piece__fastcgi(struct conn *c, struct op *o, u64 address, u32 n) {
  if (!c || !o || !n) return RANGE_STOP;
  u8 dir = o->dir & 1;
  struct stash *stash = &c->stash[dir];
  struct records r = {};
  u8 kind = DATA_CONTINUE;
  bool request = dir == c->request_dir;
  if (c->need[dir] && c->need[dir] < SUTURE_HEAD_MAX) {
    if (request) r = stash->records;
  } else {
    int state = piece__collect(c, o, address, n);
    if (state != RANGE_START) return state;
    if (stash->len) {
      if (!piece__send_stash(c, o, stash)) return RANGE_STOP;
      c->match[dir] = piece__stash_match(c, dir);
      r.have = stash->len & 7;
      __builtin_memcpy(&r.header, stash->bytes, FASTCGI_HEADER);
      r.header &= (1ull << 8 * r.have) - 1;
      stash->len = 0;
    } else {
      kind = DATA_START;
    }
  }
  if (n > c->need[dir]) n = c->need[dir];
  if (!request && n > SUTURE_CLASS_3) n = SUTURE_CLASS_3;
  u32 end = request ? fastcgi__walk(&r, address, n) : 0;
  if (end) n = end;
  int sent = piece__send(c, o, address, n, kind);
  if (sent == PIECE_UNREADABLE) return RANGE_UNREADABLE;
  if (sent < 0) return RANGE_STOP;
  if (request) stash->records = r;
  o->done += n;
  if (end || sent) c->need[dir] = 0;
  else piece__goes_on(c, dir, n);
  if (request && !c->need[dir]) c->flags |= CONN_BEGAN;
  return RANGE_DONE;
}

/* One range of user memory, at most SUTURE_PIECE bytes, that the fast path did not take: a message in tiny pieces, a head
 * that goes on, a chunk of a pipelined connection. */
__noinline int piece__range(struct conn *c, struct op *o, u64 address, u32 n) {
  if (!c || !o || !n) return RANGE_STOP;
  u8 dir = o->dir & 1;
  u8 kind = DATA_CONTINUE;
  bool in_head = c->need[dir] && c->need[dir] < SUTURE_HEAD_MAX;
  struct stash *stash = &c->stash[dir];
  if (!in_head && !(c->flags & CONN_PIPELINED)) {
    int state = piece__collect(c, o, address, n);
    if (state != RANGE_START) return state;
    if (stash->len) {
      if (!piece__send_stash(c, o, stash)) return RANGE_STOP;
      c->match[dir] = piece__stash_match(c, dir);
      stash->len = 0;
    } else {
      kind = DATA_START;
    }
  }
  if (c->need[dir] && !(c->flags & CONN_PIPELINED) && n > c->need[dir]) n = c->need[dir];
  int end = piece__send(c, o, address, n, kind);
  if (end == PIECE_UNREADABLE) return RANGE_UNREADABLE;
  if (end < 0) return RANGE_STOP;
  if (end > 0) op__head_done(c, dir);
  if (dir == c->request_dir) c->has_body = end == 0 || o->done + end < o->bytes;
  if (end > 0 && dir == c->request_dir && !(c->flags & CONN_PIPELINED)) {
    if (piece__follows(c, o, (u32)o->done + end)) {
      op__pipelined(c);
    } else if (piece__is_early(c, dir) && o->done + end < o->bytes && !c->stash[dir].len) {
      n = end; /* what stands behind the head is looked at as well; some of it leaves twice */
      c->need[dir] = SUTURE_HEAD_MAX - 1;
      c->match[dir] = 0;
      end = 0;
    }
  }
  o->done += n;
  if (end == 0 && c->need[dir]) piece__goes_on(c, dir, n);
  return RANGE_DONE;
}

/* The ranges of a call from byte `o->done` on, until the head ends or the budget of a call is used up. */
#define PIECE_STEPS 24 /* vectors of a head have few ranges (Node: 1-4, nginx: 2-6); 16 KiB in pieces of 4 KiB are 5 steps */
static __always_inline int piece__rest(struct conn *c, struct op *o) {
  if (!c || !o) return RANGE_STOP;
  u8 dir = o->dir & 1;
  u64 before = 0; /* bytes in ranges already passed */
  u64 base = o->source.base, left = o->source.bytes;
  u32 range = 0;
  for (int step = 0; step < PIECE_STEPS; step++) {
    if (o->done >= o->bytes || o->done >= SUTURE_HEAD_MAX) break;
    if (o->done && !c->need[dir] && !(c->flags & CONN_PIPELINED) && !c->stash[dir].len) break;
    if (o->done - before >= left) { /* next range */
      before += left;
      range++;
      if (!o->source.vector || range >= o->source.ranges) break;
      struct iovec v;
      void *at = (void *)(o->source.vector + range * sizeof(struct iovec));
      if (o->source.kernel ? bpf_probe_read_kernel(&v, sizeof(v), at) : bpf_probe_read_user(&v, sizeof(v), at)) return RANGE_UNREADABLE;
      base = (u64)v.iov_base;
      left = v.iov_len;
      if (o->done - before >= left) continue; /* empty, or dealt with */
    }
    u64 offset = o->done - before, n = left - offset;
    if (n > o->bytes - o->done) n = o->bytes - o->done;
    if (n > SUTURE_PIECE) n = SUTURE_PIECE;
    int state = c->flags & CONN_FASTCGI ? piece__fastcgi(c, o, base + offset, n) : piece__range(c, o, base + offset, n);
    if (state == RANGE_STOP) break;
    if (state != RANGE_DONE) return state;
  }
  if (o->done < o->bytes) {
    if (c->flags & CONN_PIPELINED) {
      count(COUNT_CHUNK_TOO_LONG);
    } else if (c->need[dir] && c->need[dir] < SUTURE_HEAD_MAX) { /* more ranges than steps */
      c->need[dir] = 0;
      count(COUNT_HEAD_TOO_LONG);
    }
  }
  return RANGE_DONE;
}
