/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Bytes moved on a socket: decide with as few reads of user memory as can be whether they begin a message, and if so
 * copy its head into the ring. One read of user memory costs as much as everything else together, whatever its size up
 * to 1 KiB; so where a message is expected (the direction turned) the head is read straight into the record it will
 * leave in, and judged there. */
#pragma once

#include "piece.bpf.h"
#include "tail.bpf.h"
#include "witness.bpf.h"

/* A request has begun that is to be shed: it is, unless another one stands behind it. */
static __always_inline int io__doomed(struct conn *c, struct op *o) {
  u8 dir = o->dir & 1;
  o->doomed = 0;
  if (c->flags & CONN_PIPELINED) return MESSAGE_ANNOUNCE; /* once more, and to its end */
  if (o->flags & DATA_AFTER_SHED) c->shed = SHED_NOW;
  shed__begin(c, dir, o->seq, o->end_seq[!dir]);
  c->need[dir] = 0;
  c->stash[dir].len = 0;
  if (dir == DIRECTION_SEND) c->copied_to = o->seq + o->bytes;
  return MESSAGE_DONE;
}

/* Reads the first bytes into a record of the class that holds them, and judges them there. */
#define IO_FIRST(SIZE)                                                                                              \
  {                                                                                                                 \
    struct event_data *e = bpf_ringbuf_reserve(&suture_ring, sizeof(struct event_data) + (SIZE), 0);                \
    if (!e) {                                                                                                       \
      emit__full();                                                                                                 \
      op__lost(c, o);                                                                                               \
      goto moved;                                                                                                   \
    }                                                                                                               \
    u64 size = n;                                                                                                   \
    BOUND(size, SIZE);                                                                                              \
    *(u64 *)e->data = 0;                                                                                            \
    if (bpf_probe_read_user(e->data, size, (void *)o->source.base)) {                                               \
      bpf_ringbuf_discard(e, BPF_RB_NO_WAKEUP);                                                                     \
      return MESSAGE_UNREADABLE;                                                                                    \
    }                                                                                                               \
    u64 first = *(u64 *)e->data;                                                                                    \
    int look = head__quick_look(first);                                                                             \
    bool again = c->last_dir == dir && c->need[dir] == 0;                                                           \
    bool in_head = c->need[dir] && c->need[dir] < SUTURE_HEAD_MAX;                                                  \
    /* A word may be a method that nobody registered, or a header, or body: the first line tells. */                \
    if (look == LOOK_TOKEN && (in_head || ((again || c->verdict == VERDICT_UNKNOWN) && !head__names_http((void *)e->data, size)))) \
      look = LOOK_NOTHING;                                                                                          \
    if (op__is_body(c, dir, look)) look = LOOK_NOTHING;                                                             \
    bool starts = look == LOOK_REQUEST || look == LOOK_RESPONSE || look == LOOK_TOKEN;                              \
    if (!starts && !in_head) {                                                                                      \
      if (look == LOOK_FASTCGI && c->verdict == VERDICT_UNKNOWN) {                                                  \
        bpf_ringbuf_discard(e, BPF_RB_NO_WAKEUP);                                                                   \
        goto pieces;                                                                                                \
      }                                                                                                             \
      if (c->last_dir != dir) op__miss(c, look);                                                                    \
      if (!(c->flags & CONN_PIPELINED)) {                                                                           \
        bpf_ringbuf_discard(e, BPF_RB_NO_WAKEUP);                                                                   \
        goto moved;                                                                                                 \
      }                                                                                                             \
    }                                                                                                               \
    if (starts && !o->doomed && !(c->flags & CONN_ANNOUNCED)) {                                                     \
      bpf_ringbuf_discard(e, BPF_RB_NO_WAKEUP);                                                                     \
      c->verdict = VERDICT_HTTP;                                                                                    \
      return MESSAGE_ANNOUNCE;                                                                                      \
    }                                                                                                               \
    if (starts) op__started(c, dir, look, again, e->data, o->seq);                                                  \
    op__fill(e, c, o, o->seq, o->bytes, size, o->now, starts ? DATA_START : DATA_CONTINUE);                         \
    if (c->need[dir]) {                                                                                             \
      u32 tail = 0;                                                                                                 \
      u64 at = size - 4;                                                                                            \
      BOUND(at, SIZE - 4);                                                                                          \
      __builtin_memcpy(&tail, e->data + at, 4);                                                                     \
      u32 end = size;                                                                                               \
      bool whole = tail == WORD('\r', '\n', '\r', '\n');                                                            \
      bool early = piece__is_early(c, dir);                                                                            \
      if (!whole || early) {                                                                                        \
        u32 found = HEAD_END(SIZE)((void *)e->data, size, c->match[dir]);                                           \
        c->match[dir] = found;                                                                                      \
        end = found >> 8;                                                                                           \
      }                                                                                                             \
      if (end) {                                                                                                    \
        op__head_done(c, dir);                                                                                      \
        if (dir == c->request_dir) c->has_body = end < o->bytes;                                                    \
        if (end + 8 <= size && end + 8 <= SIZE) {                                                                   \
          u64 next = 0, after = end;                                                                                \
          BOUND(after, SIZE - 8);                                                                                   \
          __builtin_memcpy(&next, e->data + after, 8);                                                              \
          int more = head__look(next);                                                                              \
          if (more == (dir == c->request_dir ? LOOK_REQUEST : LOOK_RESPONSE)) op__pipelined(c);                     \
        } else if (dir == c->request_dir && end < o->bytes && piece__follows(c, o, end)) {                             \
          op__pipelined(c);                                                                                         \
        }                                                                                                           \
        if (early && end < o->bytes && !(c->flags & CONN_PIPELINED) && !c->stash[dir].len) {                        \
          size = end; /* the rest as pieces, which are scanned */                                                   \
          e->data_bytes = end;                                                                                      \
          e->header.size = sizeof(*e) + end;                                                                        \
          c->need[dir] = SUTURE_HEAD_MAX - end;                                                                     \
          c->match[dir] = 0;                                                                                        \
        }                                                                                                           \
      } else if (c->need[dir] > size) {                                                                             \
        c->need[dir] -= size;                                                                                       \
      } else {                                                                                                      \
        c->need[dir] = 0;                                                                                           \
        count(COUNT_HEAD_TOO_LONG);                                                                                 \
      }                                                                                                             \
    }                                                                                                               \
    if (starts && o->doomed) {                                                                                      \
      bpf_ringbuf_discard(e, BPF_RB_NO_WAKEUP);                                                                     \
      return io__doomed(c, o);                                                                                      \
    }                                                                                                               \
    if (c->need[dir] || (c->flags & CONN_PIPELINED)) e->call_bytes = size; /* the rest follows in records of its own */ \
    o->done = size;                                                                                                 \
    emit__submit(e, k);                                                                                             \
    goto copied;                                                                                                    \
  }

/* A message may begin here. Global, and so without the socket: the verifier proves it once. */
__noinline int io__message(struct conn *c, struct op *o) {
  struct knobs *k = knobs();
  if (!c || !o || !k) return MESSAGE_DONE;
  u8 dir = o->dir & 1;
  u64 n = o->bytes < o->source.bytes ? o->bytes : o->source.bytes;
  if (c->need[dir] && n > c->need[dir] && !(c->flags & CONN_PIPELINED)) n = c->need[dir];
  if (c->stash[dir].len) piece__reconsider(c, o, n);
  if (n < START_BYTES || c->stash[dir].len || o->done || (c->flags & CONN_FASTCGI)) goto pieces;
  if (n <= SUTURE_CLASS_0) IO_FIRST(SUTURE_CLASS_0)
  if (n <= SUTURE_CLASS_1) IO_FIRST(SUTURE_CLASS_1)
  if (n <= SUTURE_CLASS_2) IO_FIRST(SUTURE_CLASS_2)
  n = n < SUTURE_CLASS_3 ? n : SUTURE_CLASS_3;
  IO_FIRST(SUTURE_CLASS_3)
copied:
  if (o->done >= o->bytes) goto moved;
  if (!c->need[dir] && !(c->flags & CONN_PIPELINED)) goto tail;
pieces:;
  int state = piece__rest(c, o);
  if (state == RANGE_ANNOUNCE) return MESSAGE_ANNOUNCE;
  if (state == RANGE_UNREADABLE) return MESSAGE_UNREADABLE;
tail:
  if ((o->done || (c->flags & CONN_FASTCGI)) && o->done < o->bytes && c->request_dir == !dir) tail__look(c, o);
moved:
  if (dir == DIRECTION_SEND) c->copied_to = o->seq + (u32)o->done;
  op__note(c, o);
  return MESSAGE_DONE;
}

/* The same with the socket at hand: the connection's names leave before its first message. */
static __always_inline int io__judge(struct conn *c, struct sock *sk, struct op *o) {
  int state = io__message(c, o);
  if (state != MESSAGE_ANNOUNCE) return state;
  if (conn__announce(c, sk)) return io__message(c, o);
  emit__full();
  op__note(c, o);
  return MESSAGE_DONE;
}

/* Nothing like HTTP, and no turn. Of a connection that we saw begin that is as good as a turn; of an older one it may be
 * the middle of a long body, which is left alone until the direction turns. */
#define ONE_WAY_ENOUGH 16
static __always_inline void io__one_way(struct conn *c, int look) {
  if (c->opened_ns) op__miss(c, look);
  else if (c->one_way < ONE_WAY_ENOUGH) c->one_way++;
}

static __always_inline bool io__dull(const struct conn *c, u8 dir) {
  return c->verdict == VERDICT_UNKNOWN && c->one_way >= ONE_WAY_ENOUGH && c->last_dir == dir;
}

/* A chunk in the direction of the one before it, with no head under way: body, unless a second message begins without an
 * answer in between. Only requests do that unannounced (pipelining); responses follow requests. */
static __always_inline int io__body(struct conn *c, struct sock *sk, struct op *o) {
  u8 dir = o->dir & 1;
  if (conn__shed(c)) {
    shed__goes_on(c, o);
    op__note(c, o);
    return MESSAGE_DONE;
  }
  c->has_body |= dir == c->request_dir;
  if (c->stash[dir].len) return io__judge(c, sk, o);
  if ((o->source.base || o->source.vector) && !o->done) {
    if (c->verdict == VERDICT_HTTP && dir != c->request_dir) {
      if (tail__send(c, o)) c->tail_misses = 0;
    } else if (o->source.bytes >= 8 && o->bytes >= 8) {
      u64 first = 0;
      if (!bpf_probe_read_user(&first, 8, (void *)o->source.base)) {
        int look = head__look(first);
        if (look == LOOK_REQUEST || look == LOOK_RESPONSE || look == LOOK_TOKEN || look == LOOK_FASTCGI) return io__judge(c, sk, o);
        if (c->verdict == VERDICT_UNKNOWN) io__one_way(c, look);
      }
    } else if (c->verdict == VERDICT_HTTP) {
      return io__judge(c, sk, o); /* a second request in tiny pieces */
    }
  }
  op__note(c, o);
  return MESSAGE_DONE;
}

/* The connection whose bytes are worth a look, or NULL. `task` is the one that moves them, in `dir`. */
static __always_inline struct conn *io__conn(struct sock *sk, struct task_struct *task, u8 dir) {
  if (process__denied(task->tgid)) return NULL;
  struct conn *c = conn__find(sk);
  if (!c) c = conn__create(sk, task, ROLE_UNKNOWN, 0);
  if (!c) return NULL;
  if (c->verdict > VERDICT_HTTP) {
    context__opaque(c, task, dir);
    return NULL;
  }
  if (!c->tgid) {
    c->tgid = task->tgid;
    c->tid = task->pid;
    c->process_start_ns = process__start_ns(task);
  }
  return c;
}

/* `o->source`, `seq`, `bytes`, `now`, `dir` and `flags` are set. Returns MESSAGE_UNREADABLE or MESSAGE_DONE. */
static __always_inline int io__moved(struct conn *c, struct sock *sk, struct op *o) {
  u8 dir = o->dir & 1;
  if (c->last_dir == dir && !c->need[dir] && !(c->flags & CONN_PIPELINED)) return io__body(c, sk, o);
  if (!o->source.base && !o->source.vector) return MESSAGE_UNREADABLE;
  return io__judge(c, sk, o);
}
