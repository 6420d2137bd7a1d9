/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* CPython 3.8 to 3.13 with asyncio or gevent. With asyncio, whatever its event loop, a request is answered by a Task, and what it
 * asks for is sent by that Task or by one that it waits for. At a send the running Task is found from the thread, and from there
 * upwards who waits: a Task's first done callback leads to the future that it will resolve, and that one's to the Task to be
 * woken. A step that does not end at a Task ends the walk. With gevent, from 3.11 on, a greenlet reads a request, calls and
 * answers; its name is the memory in which its frames begin. Other threads that run no Task have no names. */
#pragma once

#include "walk.bpf.h"

#include "wire/runtime_cpython.h"

#define CPYTHON_LOOPS 3   /* event loops in threads of one process that are looked at: their Tasks stand in one dict */
#define CPYTHON_WAITERS 3 /* Tasks above the running one */
#define CPYTHON_FUTURES 3 /* callbacks from one Task to the next: wait_for(gather()) has three */
#define CPYTHON_CHUNKS 4  /* of a greenlet's stack, each some hundred frames deep */

struct cpython_task {
  u64 address;
  u64 type;
  u64 callback; /* the first done callback; more than one is rare, and the waiter's is set first */
  u64 name;
  u64 context;
};

static __always_inline bool cpython__task(const struct runtime *r, u64 address, struct cpython_task *t) {
  u64 head[4], name[2];
  t->type = 0;
  if (!address || address & 7) return false;
  if (bpf_probe_read_user(head, sizeof(head), (void *)address)) return false;
  if (bpf_probe_read_user(name, sizeof(name), (void *)(address + r->offset[CPYTHON_TASK_NAME]))) return false;
  t->address = address;
  t->type = head[1];
  t->callback = head[3]; /* FutureObj: fut_loop, fut_callback0 */
  t->name = name[0];
  t->context = name[1];
  return true;
}

static __always_inline u64 cpython__mix(u64 a, u64 b) {
  a = (a ^ b) * 0x9e3779b97f4a7c15ull;
  return a ^ a >> 32;
}

/* Memory of a Task that ended is soon another one's. The number that asyncio gives each as its name never comes again. */
static __noinline u64 cpython__unique(const struct runtime *r, const struct cpython_task *t) {
  u64 word[7]; /* from ob_type on */
  if (bpf_probe_read_user(word, sizeof(word), (void *)(t->name + 8))) return 0;
  if (word[0] == r->address[CPYTHON_INT_TYPE]) return cpython__mix(t->address, (u32)word[2]); /* made text when it is asked for */
  u64 length = word[1];
  bool early = r->offset[CPYTHON_TEXT] == 40;
  u64 first = early ? word[4] : word[5], second = early ? word[5] : word[6];
  if (length < 8) first &= (1ull << 8 * length) - 1;
  if (length <= 8) second = 0;
  else if (length < 16) second &= (1ull << 8 * (length - 8)) - 1;
  return cpython__mix(cpython__mix(t->address, first), second);
}

static __always_inline u64 cpython__tstate(const struct runtime *r) {
  struct task_struct *task = (void *)bpf_get_current_task_btf();
  return walk__word(task->thread.fsbase + r->offset[CPYTHON_TSTATE]);
}

/* The Task that runs in this thread: of those in the dict the one in whose context the thread is. */
static __noinline bool cpython__running(const struct runtime *r, struct cpython_task *t) {
  u64 tstate = cpython__tstate(r);
  if (!tstate) return false;
  u64 context = walk__word(tstate + r->offset[CPYTHON_TSTATE_CONTEXT]);
  if (!context) return false;
  u64 keys = walk__word(r->address[CPYTHON_CURRENT_TASKS] + 32); /* ma_keys */
  u64 head[5];
  if (!keys || bpf_probe_read_user(head, sizeof(head), (void *)keys)) return false;
  /* PyDictKeysObject. 3.11 keeps sizes as powers of two, and has no pointer to a look-up function. */
  bool powers = r->version >= 11;
  u64 indices = powers ? 1ull << (head[1] >> 8 & 15) : head[1], count = powers ? head[3] : head[4];
  if (indices > 256 || count > 170) return false;
  u64 end = keys + (powers ? 32 : 40) + indices + 24 * count;
  for (int i = 0; i < CPYTHON_LOOPS; i++) {
    if (count <= (u64)i) return false;
    u64 value = walk__word(end - 24 * i - 8); /* the newest entry stands last */
    if (cpython__task(r, value, t) && t->context == context) return true;
  }
  return false;
}

/* asyncio.TaskGroup's fifth attribute, _parent_task, as set by its __init__; where instances keep their attributes changed
 * with each version. */
static __always_inline u64 cpython__group_parent(const struct runtime *r, u64 group) {
  if (r->version >= 13) return walk__word(group + 16 + 8 + 4 * 8);
  u64 values = walk__word(group - (r->version == 12 ? 24 : 32));
  if (r->version == 12) {
    if (!(values & 1)) return 0;
    values++;
  }
  return values ? walk__word(values + 4 * 8) : 0;
}

/* The closures of gather() and wait() keep the future that is waited for as the fourth of their variables. */
static __always_inline u64 cpython__closure_future(u64 closure) {
  u64 tuple[5]; /* from ob_size on */
  if (!closure || bpf_probe_read_user(tuple, sizeof(tuple), (void *)(closure + 16))) return 0;
  if (tuple[0] != 5 && tuple[0] != 4) return 0;
  return walk__word(tuple[4] + 16); /* a cell */
}

/* The Task that waits for `t`, in its place. Most callbacks are the waiter's own wake-up, or lead to a future with that. */
static __noinline bool cpython__wait(const struct runtime *r, struct cpython_task *t) {
  u64 type = t->type, at = t->callback;
  for (int i = 0; i < CPYTHON_FUTURES; i++) {
    u64 callback[10], future;
    if (!at || bpf_probe_read_user(callback, sizeof(callback), (void *)at)) return false;
    if (callback[1] == r->address[CPYTHON_FUNCTION_TYPE]) {
      future = cpython__closure_future(r->offset[CPYTHON_CLOSURE] == 48 ? callback[6] : callback[9]);
    } else if (r->address[CPYTHON_GROUP_DONE] && callback[2] == r->address[CPYTHON_GROUP_DONE]) {
      return cpython__task(r, cpython__group_parent(r, callback[3]), t) && t->type == type;
    } else {
      if (cpython__task(r, r->offset[CPYTHON_WAKEUP_TASK] == 16 ? callback[2] : callback[3], t) && t->type == type) return true;
      future = walk__word(callback[3] + 24); /* wait_for() before 3.12: functools.partial(_release_waiter, waiter) */
    }
    if (!future) return false;
    at = walk__word(future + 24); /* fut_callback0 */
  }
  return false;
}

/* The first chunk of the stack that the thread runs on; 0: it is deeper than that. */
static __noinline u64 cpython__stack(const struct runtime *r) {
  u64 chunk = walk__word(cpython__tstate(r) + r->offset[CPYTHON_STACK]);
  for (int i = 0; i < CPYTHON_CHUNKS && chunk; i++) {
    u64 previous;
    if (bpf_probe_read_user(&previous, sizeof(previous), (void *)chunk)) return 0;
    if (!previous) return chunk;
    chunk = previous;
  }
  return 0;
}

/* Names of the Task that sends and, before a request, of the Tasks that wait for it. Returns how many. A function of its own,
 * so that the verifier proves it once. */
__noinline int cpython__walk(struct runtime *r, struct names *names, u8 point) {
  struct cpython_task t;
  if (!r || !names) return 0;
  if (!cpython__running(r, &t)) {
    if (!r->offset[CPYTHON_STACK] || !(names->value[0] = cpython__stack(r))) return 0;
    return 1;
  }
  names->value[0] = cpython__unique(r, &t);
  if (point == WITNESS_RESPONSE_SENT) return 1;
  for (u8 i = 1; i <= CPYTHON_WAITERS; i++) {
    if (!cpython__wait(r, &t)) return i;
    names->value[i] = cpython__unique(r, &t);
  }
  return CPYTHON_WAITERS + 1;
}
