/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* tokio: a task's Header, as the walk meets it. */
#pragma once

#include "walk.bpf.h"

#include "wire/runtime_tokio.h"

enum {
  TOKIO_REFERENCE = 64,      /* in a task's state */
  TOKIO_LEAST_ID_AT = 24,    /* the header comes first */
  TOKIO_HEADER_WORDS = 6,    /* with the task's number, where its scheduler takes one word */
};

struct tokio_task {
  u64 header;
  u64 table;
  u64 id;
  u32 state; /* how it is; counts of references are above */
  u32 id_at;
  u32 trailer_at;
  u32 pad;
};

/* Whether `header` looks like a task's, and what it says. */
__noinline int tokio__task(const struct runtime *r, struct tokio_task *t, u64 header) {
  u64 word[TOKIO_HEADER_WORDS];
  if (!r || !t) return 0;
  t->id = 0;
  t->header = header;
  if (!header || header & 7 || bpf_probe_read_user(word, sizeof(word), (void *)(header + r->offset[TOKIO_HEADER]))) return 0;
  if (word[0] < TOKIO_REFERENCE || word[0] >> 32 || !word[2] || word[2] & 7) return 0;
  t->state = word[0];
  t->table = word[2];
  t->id = word[TOKIO_HEADER_WORDS - 1];
  if (bpf_probe_read_user(word, 3 * sizeof(u64), (void *)(t->table + r->offset[TOKIO_TABLE]))) return 0;
  u64 trailer_at = word[0], id_at = word[2];
  if (id_at & 7 || id_at < TOKIO_LEAST_ID_AT || trailer_at & 7 || trailer_at <= id_at || trailer_at >> 20) return 0;
  t->id_at = id_at;
  t->trailer_at = trailer_at;
  if (id_at != r->offset[TOKIO_HEADER] + 8 * (TOKIO_HEADER_WORDS - 1)) t->id = walk__word(header + id_at);
  return t->id - 1 < 1ull << 48;
}

/* The task that a Waker at `address` will wake. */
static __always_inline int tokio__woken(const struct runtime *r, struct tokio_task *t, u64 address) {
  u64 waker[2];
  if (bpf_probe_read_user(waker, sizeof(waker), (void *)address) || waker[0] != r->address[TOKIO_WAKER]) return 0;
  return tokio__task(r, t, waker[1]);
}
