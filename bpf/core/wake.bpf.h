/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Requests that a thread hands over to another one and waits for. Whoever has read the answer wakes the one thread that has
 * slept for it; that thread holds the request for which it was asked. Told only of processes that hand over, and attached
 * only while there is one. */
#pragma once

#include "thread.bpf.h"

/* Words at which threads with requests slept, by address. A word where two of them slept at once is a lock, or a queue:
 * waking there completes nothing. The least recently used leave first; a lock that comes back is found out again. 16 384
 * words at some 80 bytes. */
struct word_key {
  u64 address;
  u32 tgid, pad;
};
struct word {
  u64 woken_ns; /* when the last sleeper was */
  u32 tid;      /* who that was */
  u32 shared;
};
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 16384);
  __type(key, struct word_key);
  __type(value, struct word);
} suture_words SEC(".maps");

/* The two words of one of glibc's condition variables, which it uses in turn, differ in the lowest bits only. */
#define WORD_MASK (~7ull)

/* The word at which `task`, inside a system call, sleeps or wakes others; 0: it does something else. A wake-up by an
 * interrupt has whoever was interrupted for its waker. */
static __always_inline u64 wake__word(struct task_struct *task, bool sleeps) {
  struct pt_regs *regs = (void *)bpf_task_pt_regs(task);
  if (regs->orig_ax != NR_futex) return 0;
  u32 command = regs->si & FUTEX_CMD_MASK;
  bool right = sleeps ? command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET
                      : command == FUTEX_WAKE || command == FUTEX_WAKE_BITSET || command == FUTEX_WAKE_OP;
  return right ? regs->di & WORD_MASK : 0;
}

/* `sleeper` with a request is woken at `address`. False: others with requests sleep there too. */
static __always_inline bool wake__alone(struct task_struct *waker, struct task_struct *sleeper, const struct thread *s, u64 address, u64 now) {
  struct word_key key = {.address = address, .tgid = waker->tgid};
  struct word *w = bpf_map_lookup_elem(&suture_words, &key);
  if (!w) {
    struct word fresh = {.woken_ns = now, .tid = sleeper->pid};
    bpf_map_update_elem(&suture_words, &key, &fresh, BPF_ANY);
    return true;
  }
  if (w->shared) return false;
  if (w->tid != (u32)sleeper->pid && s->slept_ns && s->slept_ns < w->woken_ns) {
    w->shared = 1;
    wake__emit(waker, sleeper, now, address, WAKE_SHARED, (struct witness_context){}, (struct witness_context){});
    return false;
  }
  w->tid = sleeper->pid;
  w->woken_ns = now;
  return true;
}

#define IDLE_NS (2 * 1000000000ull) /* at a lock the JVM looks again after a second at the latest; its cached pools keep a worker for 30 s and more */

/* `task`, of the process that runs, sleeps until there is something to do: for so long nobody sleeps at a lock. */
static __always_inline bool wake__idle(struct task_struct *task) {
  struct pt_regs *regs = (void *)bpf_task_pt_regs(task);
  u64 until[2]; /* seconds, nanoseconds */
  if (!wake__word(task, true) || !regs->r10 || regs->si & FUTEX_CLOCK_REALTIME || bpf_probe_read_user(until, sizeof(until), (void *)regs->r10))
    return false;
  bool relative = (regs->si & FUTEX_CMD_MASK) == FUTEX_WAIT;
  return until[0] * 1000000000ull + until[1] >= IDLE_NS + (relative ? 0 : bpf_ktime_get_ns());
}

/* `task`, of java.net.http's, goes to sleep: a worker that has nothing to do, or the selector in epoll_wait. */
static __always_inline bool wake__ends_task(struct task_struct *task, const struct thread *t) {
  return t->token_passed ? wake__idle(task) : !wake__word(task, true);
}

/* The answer that `waker` holds is handed to a worker. */
static __always_inline int wake__pass_on(struct task_struct *waker, struct task_struct *sleeper, struct thread *s) {
  struct thread *t = context__thread(waker);
  if (!t || !thread__holds_token(t) || !thread__is_http_client(waker) || !wake__idle(sleeper)) return 0;
  u64 address = wake__word(waker, false);
  if (address && wake__word(sleeper, true) == address) thread__pass_token(waker, sleeper, t, s);
  return 0;
}

#define OWN_FRAMES 4096 /* bytes of stack from the system call to whoever made what it sleeps at */

/* `task` sleeps at a word on its own stack: nobody knows of it but who was told of this thread. So Ruby keeps threads that are
 * done, for whoever starts the next one. */
static __always_inline bool wake__rests(struct task_struct *task) {
  struct pt_regs *regs = (void *)bpf_task_pt_regs(task);
  u64 address = wake__word(task, true);
  return address && address - regs->sp < OWN_FRAMES;
}

/* A thread that rested is started again. */
static __always_inline int wake__start(struct task_struct *waker, struct task_struct *sleeper, struct thread *s) {
  if (!wake__rests(sleeper) || wake__word(waker, false) != wake__word(sleeper, true)) return 0;
  struct thread *t = context__thread(waker);
  if (t) s->started_for = thread__task(t);
  return 0;
}

/* `task` sleeps until there is something to do: at a condition variable or a semaphore, without a time-out. glibc waits for a
 * mutex with FUTEX_WAIT, and CPython for its interpreter lock with a time-out. */
static __always_inline bool wake__waits(struct task_struct *task) {
  struct pt_regs *regs = (void *)bpf_task_pt_regs(task);
  return regs->orig_ax == NR_futex && (regs->si & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET && !regs->r10;
}

/* A worker that had nothing to do is woken. Nothing is told while requests are shed: who else may have taken what cannot be seen then. */
static __always_inline int wake__at_queue(struct task_struct *waker, struct task_struct *sleeper) {
  struct knobs *k = knobs();
  u64 address = wake__word(waker, false);
  if (!k || k->keep_below != ~0u || !address || wake__word(sleeper, true) != address) return 0;
  wake__emit(waker, sleeper, bpf_ktime_get_ns(), address, WAKE_QUEUE, (struct witness_context){}, (struct witness_context){});
  return 0;
}

static __always_inline bool wake__runs(struct task_struct *task) {
  u32 on = 0;
  if (!bpf_core_field_exists(task->on_cpu)) return false;
  bpf_core_read(&on, bpf_core_field_size(task->on_cpu), &task->on_cpu); /* an int, and in 7.2 a byte, which no plain load can be both of */
  return on;
}

/* `sleeper` works on no request. */
static __always_inline int wake__free(struct task_struct *waker, struct task_struct *sleeper, struct thread *s) {
  if (thread__is_http_client(sleeper)) return wake__pass_on(waker, sleeper, s);
  return wake__waits(sleeper) && !wake__rests(sleeper) ? wake__at_queue(waker, sleeper) : wake__start(waker, sleeper, s);
}

static __always_inline int wake__waking(struct task_struct *sleeper) {
  struct task_struct *waker = (void *)bpf_get_current_task_btf();
  if (sleeper->tgid != waker->tgid || !process__hands_over(waker->tgid)) return 0;
  struct thread *s = bpf_task_storage_get(&suture_threads, sleeper, 0, 0);
  if (!s) return 0;
  if (!s->context.connection) return wake__free(waker, sleeper, s);
  if (wake__runs(sleeper)) return 0; /* it is about to sleep: since when it has is not known */
  u64 address = wake__word(waker, false);
  if (!address || wake__word(sleeper, true) != address) return 0;
  u64 now = bpf_ktime_get_ns();
  if (!wake__alone(waker, sleeper, s, address, now)) return 0;
  struct thread *t = context__thread(waker);
  if (!t || !t->token.connection || s->slept_ns >= t->token_ns) return 0;
  wake__emit(waker, sleeper, now, address, t->token_passed ? WAKE_PASSED_ON : 0, t->token, s->context);
  return 0;
}

/* How `task` sleeps, as flags of WAKE_RAN. */
static __always_inline u16 wake__how(struct task_struct *task) {
  struct pt_regs *regs = (void *)bpf_task_pt_regs(task);
  if (!wake__word(task, true)) return 0;
  return regs->r10 ? WAKE_TIMED : WAKE_UNTIMED;
}

/* `task` goes to sleep: a worker that waits for something to do, or a thread that works on a request. Not told while requests are shed,
 * as above. */
static __always_inline void wake__tell_sleep(struct task_struct *task, const struct thread *t) {
  struct knobs *k = knobs();
  bool works = t->context.connection;
  if (!k || k->keep_below != ~0u || (!works && !wake__waits(task))) return;
  if (works) wake__emit(task, task, t->slept_ns, t->ran_ns, WAKE_RAN | wake__how(task), (struct witness_context){}, t->context);
  else wake__emit(task, task, t->slept_ns, wake__word(task, true), WAKE_QUEUE, (struct witness_context){}, (struct witness_context){});
}

/* `task` is given a processor. */
static __always_inline int wake__goes_on(struct task_struct *task) {
  if (!process__hands_over(task->tgid)) return 0;
  struct thread *t = bpf_task_storage_get(&suture_threads, task, 0, 0);
  if (t && !t->ran_ns) t->ran_ns = bpf_ktime_get_ns();
  return 0;
}

/* `task` goes to sleep. */
static __always_inline int wake__sleeps(struct task_struct *task) {
  if (!process__hands_over(task->tgid)) return 0;
  struct thread *t = bpf_task_storage_get(&suture_threads, task, 0, 0);
  if (!t) return 0;
  t->slept_ns = bpf_ktime_get_ns();
  wake__tell_sleep(task, t);
  t->ran_ns = 0;
  if (t->started_for.connection && wake__rests(task)) thread__over(task, t, 0);
  if (t->token.connection && thread__is_http_client(task) && wake__ends_task(task, t)) t->token.connection = 0;
  return 0;
}
