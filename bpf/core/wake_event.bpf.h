/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The event that tells who woke whom. */
#pragma once

#include "process.bpf.h"

static __always_inline void wake__emit(struct task_struct *waker, struct task_struct *sleeper, u64 now, u64 word, u16 flags,
                                       struct witness_context token, struct witness_context context) {
  struct knobs *k = knobs();
  if (!k || !k->ready) return;
  struct event_wake *e = emit__reserve(sizeof(*e));
  if (!e) return;
  e->header = (struct event_header){.type = EVENT_WAKE, .flags = flags, .size = sizeof(*e), .time_ns = now};
  e->process_start_ns = process__start_ns(waker);
  e->tgid = waker->tgid;
  e->tid = waker->pid;
  e->sleeper = sleeper->pid;
  e->pad = 0;
  e->word = word;
  e->token = token;
  e->context = context;
  emit__submit(e, k);
}
