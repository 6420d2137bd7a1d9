/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The way into the ring: reserve, submit, wake the consumer only when a quarter of it is used. Every event that was wanted is
 * counted: as emitted, or as refused and under the reason why. */
#pragma once

#include "maps.bpf.h"

/* An event that will not be sent, for `reason`. */
static __always_inline void emit__refuse(enum kernel_counter reason) {
  struct counter_slot *slot = counts();
  if (!slot) return;
  __sync_fetch_and_add(&slot->count[COUNT_REFUSED], 1);
  __sync_fetch_and_add(&slot->count[reason], 1);
}

static __always_inline void emit__full(void) {
  emit__refuse(DROP_RING_FULL);
  struct knobs *k = knobs();
  if (k) __sync_fetch_and_add(&k->lost, 1);
}

/* bpf_ringbuf_reserve wants a constant size. NULL: the ring is full, and it is counted. */
#define emit__reserve(size)                                        \
  ({                                                               \
    void *_event = bpf_ringbuf_reserve(&suture_ring, (size), 0);   \
    if (!_event) emit__full();                                     \
    _event;                                                        \
  })

/* One wake-up per drain at most: it costs the waker more than a microsecond. Only one event in sixteen asks how full
 * the ring is, by bits of its time that are as good as chance: sixteen of the largest are a quarter of the quarter. */
static __always_inline u64 emit__wakeup(const struct event_header *event, struct knobs *k) {
  if (event->time_ns & 0xf0) return BPF_RB_NO_WAKEUP;
  if (bpf_ringbuf_query(&suture_ring, BPF_RB_AVAIL_DATA) < SUTURE_RING_BYTES / 4 || k->woken) return BPF_RB_NO_WAKEUP;
  k->woken = 1;
  count(COUNT_WAKEUPS);
  return BPF_RB_FORCE_WAKEUP;
}

/* A function of its own, as what is rarely needed must not cost stack where much is inlined. */
static __noinline int emit__after_loss(struct event_header *event, struct knobs *k) {
  k->lost_told = k->lost;
  event->flags |= EVENT_AFTER_LOSS;
  return 0;
}

static __always_inline void emit__submit(void *event, struct knobs *k) {
  if (k->lost != k->lost_told) emit__after_loss(event, k);
  bpf_ringbuf_submit(event, emit__wakeup(event, k));
  count(COUNT_EMITTED); /* behind it: a locked add waits until the event's bytes have left the store buffer, as submit does */
}

/* For events whose facts are gone soon: the environment of a process that lives 50 ms. */
static __always_inline void emit__submit_now(void *event) {
  count(COUNT_EMITTED);
  bpf_ringbuf_submit(event, BPF_RB_FORCE_WAKEUP);
}
