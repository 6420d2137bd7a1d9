/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* tokio with hyper: which task waits for the response to a request.
 *
 * A server's connection is a task, which reads a request, polls its handler and writes the response: the task's number, which
 * never comes again, is the request's name. A client's connection is a task too, and knows nobody; but who waits for the answer
 * waits at a channel that this task will send it through:
 *
 *   CONTEXT.current_task_id (thread-local) and a Waker on the stack -> the running task's Header
 *     -> its boxed future -> the callback's oneshot -> rx_task (Waker) -> Header -> id
 *     -> Trailer.waker of one that was spawned and is joined -> Header -> id ...
 *     -> the JoinHandles of those that it will join next (walk_tokio_handles.bpf.h)
 *
 * A Waker of a task is two words, the address of tokio's table of functions and that of the Header, so that each step can be
 * held against it. A running task is the one whose number CONTEXT says. A channel is one that holds the running task's own
 * Waker on the sender's side, is open, and has nothing in it. What is met must end at a task of a kind that has read requests.
 * Where on the stack and where in the future depends on the compiler: learned by looking, and kept in the process's struct
 * runtime. */
#pragma once

#include "walk_tokio_handles.bpf.h"

enum {
  TOKIO_STACK_WORDS = 1536,  /* that are looked at */
  TOKIO_FUTURE_WORDS = 192,
  TOKIO_CONTEXT_WORDS = 16,
  TOKIO_LOOKS = 256,
  TOKIO_STAGE_WORDS = 3,     /* of a boxed future in its task: which stage it is in, and the two words of the box */
  TOKIO_WAITERS = 3,         /* tasks that wait for tasks */
  TOKIO_SIGHTINGS = 4,
  TOKIO_HAS_JOIN_WAKER = 16, /* in a task's state */
  TOKIO_RECEIVER_SET = 1, TOKIO_SENDER_SET = 8, /* in a channel's */
};

#define TOKIO_STACK_BYTES (64ull << 20) /* a thread's stack ends below its thread pointer; the main thread's is elsewhere */

/* Which word of CONTEXT is the running task's number? The only one that was it for several tasks in turn that the stack named. */
__noinline int tokio__learn_current(struct runtime *r, u64 context, u64 id) {
  if (!r || r->address[TOKIO_LAST_ID] == id) return 0;
  u32 at = 0;
  for (u32 i = 0; i < TOKIO_CONTEXT_WORDS; i++) {
    if (8 * i + 8 > r->offset[TOKIO_CONTEXT_BYTES]) break;
    if (walk__word(context + 8 * i) != id) continue;
    if (at) return 0; /* there are two */
    at = 8 * i + 8;
  }
  if (!at) return 0; /* that task was here before */
  r->offset[TOKIO_SEEN] = r->offset[TOKIO_SUPPOSED] == at ? r->offset[TOKIO_SEEN] + 1 : 1;
  r->offset[TOKIO_SUPPOSED] = at;
  r->address[TOKIO_LAST_ID] = id;
  if (r->offset[TOKIO_SEEN] >= TOKIO_SIGHTINGS) r->offset[TOKIO_CURRENT] = at;
  return 0;
}

static __always_inline void tokio__learn_slot(struct runtime *r, u32 slot) {
  for (u32 i = 0; i < SUTURE_TOKIO_SLOTS; i++) {
    if (r->offset[TOKIO_SLOT + i]) continue;
    r->offset[TOKIO_SLOT + i] = slot;
    return;
  }
}

static __always_inline u64 tokio__context(const struct runtime *r) {
  return ((struct task_struct *)bpf_get_current_task_btf())->thread.fsbase - r->offset[TOKIO_CONTEXT];
}

/* The running task's number, 0: none runs, or where it stands is not known. */
static __always_inline u64 tokio__current(const struct runtime *r) {
  u32 at = r->offset[TOKIO_CURRENT];
  return at ? walk__word(tokio__context(r) + at - 8) : 0;
}

/* From where the stack's slots are counted: their distance is the same whatever is called. */
static __always_inline u64 tokio__stack_end(u64 sp) {
  struct task_struct *task = (void *)bpf_get_current_task_btf();
  u64 thread = task->thread.fsbase;
  struct mm_struct *mm = task->mm;
  return sp < thread && thread - sp < TOKIO_STACK_BYTES ? thread : mm ? mm->start_stack : 0;
}

/* There is a Waker on the stack. Whether it is the running task's; learns from it. */
__noinline int tokio__meet(struct runtime *r, struct tokio_task *t, u64 at, u64 end) {
  if (!r || !t || !tokio__woken(r, t, at)) return 0;
  if (!r->offset[TOKIO_CURRENT]) return tokio__learn_current(r, tokio__context(r), t->id);
  if (t->id != tokio__current(r)) return 0;
  tokio__learn_slot(r, end - at);
  return 1;
}

static __always_inline bool tokio__in_slot(const struct runtime *r, struct tokio_task *t, u64 end, u32 slot, u64 id) {
  return slot && tokio__woken(r, t, end - slot) && t->id == id;
}

/* The running task, in *t. */
__noinline int tokio__running(struct runtime *r, struct tokio_task *t, u8 point) {
  if (!r || !t) return 0;
  u64 sp = walk__registers()->sp, end = tokio__stack_end(sp);
  if (r->offset[TOKIO_CURRENT]) {
    u32 *hint = &r->offset[point == WITNESS_REQUEST_READ ? TOKIO_HINT : TOKIO_HINT + 1];
    u64 id = tokio__current(r);
    if (!id) return 0;
    if (tokio__in_slot(r, t, end, *hint, id)) return 1;
    for (u32 i = 0; i < SUTURE_TOKIO_SLOTS; i++) {
      u32 slot = r->offset[TOKIO_SLOT + i];
      if (!tokio__in_slot(r, t, end, slot, id)) continue;
      *hint = slot;
      return 1;
    }
  }
  if (r->offset[TOKIO_LOOKED] >= TOKIO_LOOKS) return 0;
  r->offset[TOKIO_LOOKED]++;
  for (u32 i = 0; i < TOKIO_STACK_WORDS; i++) {
    u64 at = sp + 8 * i;
    if (at >= end) return 0;
    if (walk__word(at) == r->address[TOKIO_WAKER] && tokio__meet(r, t, at, end)) return 1;
  }
  return 0;
}

enum tokio_channel { TOKIO_NO_CHANNEL = 0, TOKIO_NOBODY_WAITS, TOKIO_WAITS };

/* Is `channel` a oneshot that the task `sender` will send through? Then who waits at it, in *t. */
__noinline int tokio__waiter(const struct runtime *r, struct tokio_task *t, u64 channel, u64 sender) {
  struct { u64 strong, weak, tx_table, tx_task, rx_table, rx_task, state; } c;
  if (!r || !t || channel & 7 || channel < 4096 || channel >> 47) return TOKIO_NO_CHANNEL;
  if (bpf_probe_read_user(&c, sizeof(c), (void *)(channel + r->offset[TOKIO_CHANNEL]))) return TOKIO_NO_CHANNEL;
  if (c.tx_table != r->address[TOKIO_WAKER] || c.tx_task != sender) return TOKIO_NO_CHANNEL;
  if (c.strong != 2 || c.weak != 1) return TOKIO_NO_CHANNEL; /* both ends hold it, and nobody else */
  if (c.state == TOKIO_SENDER_SET) return TOKIO_NOBODY_WAITS; /* not yet */
  if (c.state != (TOKIO_SENDER_SET | TOKIO_RECEIVER_SET)) return TOKIO_NO_CHANNEL;
  return c.rx_table == r->address[TOKIO_WAKER] && tokio__task(r, t, c.rx_task) ? TOKIO_WAITS : TOKIO_NOBODY_WAITS;
}

/* Looks for such a channel in a future. Returns 0, or what tokio__waiter() said and, from bit 8 on, where it stands plus 8. */
__noinline int tokio__look_for_waiter(const struct runtime *r, struct tokio_task *t, u64 future, u64 sender) {
  if (!r || !t || !future || future & 7) return 0;
  for (u32 i = 0; i < TOKIO_FUTURE_WORDS; i++) {
    int found = tokio__waiter(r, t, walk__word(future + 8 * i), sender);
    if (found) return found | (8 * i + 8) << 8;
  }
  return 0;
}

/* Who waits for what the running task *t will receive, in *t. */
__noinline int tokio__find_waiter(struct runtime *r, struct tokio_task *t) {
  if (!r || !t) return TOKIO_NO_CHANNEL;
  u64 sender = t->header;
  u32 callback = r->offset[TOKIO_CALLBACK], stage = t->id_at + 8, end = t->trailer_at;
  if (callback) {
    u64 future = walk__word(sender + r->offset[TOKIO_STAGE]);
    int found = tokio__waiter(r, t, walk__word(future + callback - 8), sender);
    if (found) return found;
  }
  if (r->offset[TOKIO_LOOKED] >= TOKIO_LOOKS) return TOKIO_NO_CHANNEL;
  r->offset[TOKIO_LOOKED]++;
  for (u32 i = 0; i < TOKIO_STAGE_WORDS; i++) {
    u32 at = stage + 8 * i;
    if (at >= end) break;
    int found = tokio__look_for_waiter(r, t, walk__word(sender + at), sender);
    if (!found) continue;
    r->offset[TOKIO_STAGE] = at;
    r->offset[TOKIO_CALLBACK] = found >> 8;
    return found & 0xff;
  }
  return TOKIO_NO_CHANNEL;
}

static __always_inline bool tokio__serves(const struct runtime *r, u64 table) {
  return table == r->address[TOKIO_SERVERS] || table == r->address[TOKIO_SERVERS + 1];
}

/* Names of the task that reads a request, or of the one for which one is sent, which must be of a kind that reads requests; behind
 * it those of tasks that it will await. An answer that a task has waited for which nobody awaits yet is that task's own. A
 * function of its own, so that the verifier proves it once. Returns how many. */
__noinline int tokio__walk(struct runtime *r, struct names *names, u8 point) {
  struct tokio_task t = {}; /* Linux 6.1 wants it whole where it is passed on */
  u64 awaited = 0, table = 0;
  if (!r || !names || !tokio__running(r, &t, point)) return 0;
  if (point == WITNESS_REQUEST_READ) {
    if (!tokio__serves(r, t.table)) r->address[r->address[TOKIO_SERVERS] ? TOKIO_SERVERS + 1 : TOKIO_SERVERS] = t.table;
    names->value[0] = t.id;
    return 1;
  }
  u64 running = t.header;
  int found = tokio__find_waiter(r, &t);
  if (found == TOKIO_NOBODY_WAITS) return 0;
  if (found == TOKIO_NO_CHANNEL) { /* it sends for itself */
    if (point == WITNESS_RESPONSE_READ || !tokio__task(r, &t, running)) return 0;
  }
  for (u32 i = 0; i <= TOKIO_WAITERS; i++) {
    if (tokio__serves(r, t.table)) {
      names->value[0] = t.id;
      return awaited ? 1 + tokio__held(r, names, &t, awaited, table) : 1;
    }
    if (!(t.state & TOKIO_HAS_JOIN_WAKER)) {
      if (point != WITNESS_RESPONSE_READ || !(t.state & TOKIO_JOIN_INTEREST)) return 0;
      names->value[0] = t.id;
      return 1;
    }
    awaited = t.header;
    table = t.table;
    if (!tokio__woken(r, &t, t.header + t.trailer_at + r->offset[TOKIO_JOIN_WAKER])) return 0;
  }
  return 0;
}
