/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Who is running: identity, what is known of them, and the life of processes. */
#pragma once

#include "emit.bpf.h"

/* Where the marks of a process are (enum process_mark); `shift`: of the first. */
static __always_inline u64 *process__marks(u32 tgid, u32 *shift) {
  u32 zero = 0, bit = (tgid & (SUTURE_PID_MAX - 1)) * SUTURE_MARK_BITS;
  struct process_marks *all = bpf_map_lookup_elem(&suture_marks, &zero);
  *shift = bit % 64;
  return all ? &all->word[bit / 64] : NULL;
}

static __always_inline bool process__is(u32 tgid, enum process_mark mark) {
  u32 shift;
  const u64 *marks = process__marks(tgid, &shift);
  return marks && *marks >> shift & mark;
}

static __always_inline bool process__denied(u32 tgid) { return process__is(tgid, PROCESS_DENIED); }
static __always_inline bool process__has_runtime(u32 tgid) { return process__is(tgid, PROCESS_RUNTIME); }
static __always_inline bool process__hands_over(u32 tgid) { return process__is(tgid, PROCESS_HANDS_OVER); }

static __always_inline void process__mark(u32 tgid, enum process_mark mark) {
  u32 shift;
  u64 *marks = process__marks(tgid, &shift);
  if (marks && !(*marks >> shift & mark)) __sync_fetch_and_or(marks, (u64)mark << shift);
}

/* A new process, or a new program in it, starts allowed and without a runtime, whatever had its number before. */
static __always_inline void process__allow(u32 tgid) {
  u32 shift;
  u64 *marks = process__marks(tgid, &shift), gone = PROCESS_DENIED | PROCESS_RUNTIME;
  if (marks && *marks >> shift & gone) __sync_fetch_and_and(marks, ~(gone << shift));
}

/* Runs in the agent's own process: only the kernel knows its pid outside of its PID namespace. */
static __always_inline int process__self(void) {
  struct knobs *k = knobs();
  struct task_struct *task = (void *)bpf_get_current_task_btf();
  if (k && !k->self_tgid) k->self_tgid = task->tgid;
  return 0;
}

static __always_inline u64 process__start_ns(const struct task_struct *task) {
  return task->group_leader->start_boottime;
}

static __always_inline bool process__ready(void) {
  struct knobs *k = knobs();
  return k && k->ready;
}

/* What was executed. At this point the new image is in place and its arguments are in memory that was just written. */
static __always_inline int process__exec(struct task_struct *task, struct linux_binprm *binprm) {
  process__allow(task->tgid); /* it was denied for what it was before */
  if (!process__ready()) return 0;
  struct event_exec *e = emit__reserve(sizeof(*e));
  if (!e) return 0;
  e->header = (struct event_header){.type = EVENT_EXEC, .size = sizeof(*e), .time_ns = bpf_ktime_get_ns()};
  e->process_start_ns = process__start_ns(task);
  e->cgroup_id = bpf_get_current_cgroup_id();
  e->tgid = task->tgid;
  e->file_bytes = 0;
  e->args_bytes = 0;
  long n = bpf_probe_read_kernel_str(e->file, sizeof(e->file), binprm->filename);
  if (n > 0 && n <= (long)sizeof(e->file)) e->file_bytes = n - 1;
  struct mm_struct *mm = task->mm;
  if (mm) {
    u64 start = mm->arg_start, size = mm->arg_end - start;
    if (size > sizeof(e->args)) size = sizeof(e->args);
    if (size > 0 && size <= sizeof(e->args) && !bpf_probe_read_user(e->args, size, (void *)start)) e->args_bytes = size;
  }
  emit__submit_now(e);
  return 0;
}

static __always_inline int process__fork(struct task_struct *parent, struct task_struct *child) {
  if (child->tgid == parent->tgid || !process__ready()) return 0; /* a thread */
  process__allow(child->tgid);
  struct knobs *k = knobs();
  struct event_fork *e = emit__reserve(sizeof(*e));
  if (!e) return 0;
  e->header = (struct event_header){.type = EVENT_FORK, .size = sizeof(*e), .time_ns = bpf_ktime_get_ns()};
  e->parent_start_ns = process__start_ns(parent);
  e->child_start_ns = process__start_ns(child);
  e->parent_tgid = parent->tgid;
  e->child_tgid = child->tgid;
  if (k) emit__submit(e, k);
  else bpf_ringbuf_discard(e, BPF_RB_NO_WAKEUP);
  return 0;
}

/* Runs for every thread; the process ends with its last one. */
static __always_inline int process__exit(struct task_struct *task) {
  if (task->signal->live.counter > 0 || !process__ready()) return 0;
  struct knobs *k = knobs();
  struct event_exit *e = emit__reserve(sizeof(*e));
  if (!e) return 0;
  e->header = (struct event_header){.type = EVENT_EXIT, .size = sizeof(*e), .time_ns = bpf_ktime_get_ns()};
  e->process_start_ns = process__start_ns(task);
  e->tgid = task->tgid;
  e->pad = 0;
  if (k) emit__submit(e, k);
  else bpf_ringbuf_discard(e, BPF_RB_NO_WAKEUP);
  return 0;
}
