/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* tokio: which tasks will be awaited next. A handler that spawns tasks and awaits one after the other is known to the one that it
 * awaits, as that has its Waker; of the others it holds the JoinHandles, and they do not know by whom:
 *
 *   the Header of who waits -> its future's box -> the box of a future in that ... -> an iterator over JoinHandles
 *     -> the Header of the next one that it will await -> id
 *
 * An iterator is two pointers into one array. It is the one by which the running task is awaited where the element before its
 * next one is that task, which lives and is awaited: so what comes from there on is held by who awaits it. Where it is to be
 * found is learned by looking, as the rest; a way that leads astray meets no such iterator. */
#pragma once

#include "tokio_task.bpf.h"

enum {
  TOKIO_JOIN_INTEREST = 8, /* in a task's state: somebody holds its JoinHandle */
  TOKIO_HANDLES = 64,      /* that one iterator may still have */
  TOKIO_LOOKS_FOR_HANDLES = 48,
  TOKIO_NODES = 96,        /* boxes that are looked into */
  TOKIO_NODE_WORDS = 256,
  TOKIO_THIN_WORDS = 24,   /* of a box whose size nobody says */
};

/* Boxes to look into, and from where each was reached. */
struct tokio_node {
  u64 at;
  u32 words;
  u32 from; /* number of the node that points here */
  u32 hop;  /* where in it, plus 8 */
  u32 pad;
};

struct tokio_nodes {
  struct tokio_node node[TOKIO_NODES];
  u32 count;
  u32 pad;
};

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, u32);
  __type(value, struct tokio_nodes);
} suture_tokio_nodes SEC(".maps");

/* The verifier is to see that a number is small where it is used, whatever the compiler knows of it. */
static __always_inline struct tokio_node *tokio__node(struct tokio_nodes *nodes, u32 i) {
  asm volatile("" : "+r"(i));
  if (i >= TOKIO_NODES) return NULL;
  asm volatile("" : "+r"(i));
  return &nodes->node[i];
}

static __always_inline u32 *tokio__holder(struct runtime *r, u32 holder, u32 word) {
  u32 i = TOKIO_HOLDER + holder * TOKIO_HOLDER_WORDS + word;
  asm volatile("" : "+r"(i));
  if (i >= SUTURE_RUNTIME_OFFSETS) return NULL;
  asm volatile("" : "+r"(i));
  return &r->offset[i];
}

/* The iterator's two pointers, of a Vec's (the end comes after its capacity). Returns how many elements are left. */
static __always_inline u64 tokio__left(u64 next, u64 end) {
  if (next & 7 || next < 4096 || next >> 47 || end <= next || (end - next) & 7 || (end - next) / 8 > TOKIO_HANDLES) return 0;
  return (end - next) / 8;
}

/* Names the tasks that the iterator at `iterator` will give next, if `awaited` is what it gave last. Uses *t. */
__noinline int tokio__name_handles(struct runtime *r, struct names *names, struct tokio_task *t, u64 iterator, u64 awaited) {
  if (!r || !names || !t) return 0;
  u64 next = walk__word(iterator), left = tokio__left(next, walk__word(iterator + 16));
  if (!left || walk__word(next - 8) != awaited) return 0;
  for (u32 n = 1; n < SUTURE_WITNESS_VALUES; n++) {
    if (n > left) return n - 1;
    if (!tokio__task(r, t, walk__word(next + 8 * n - 8)) || !(t->state & TOKIO_JOIN_INTEREST)) return 0;
    names->value[n] = t->id;
  }
  return SUTURE_WITNESS_VALUES - 1;
}

/* Looks for such an iterator in a future. Returns where it stands plus 8. */
__noinline int tokio__look_for_handles(u64 future, u32 words, u64 awaited) {
  for (u32 i = 0; i < TOKIO_NODE_WORDS; i++) {
    if (i + 2 >= words) return 0;
    u64 at = future + 8 * i, next = walk__word(at);
    if (tokio__left(next, next + 8) && walk__word(next - 8) == awaited && tokio__left(next, walk__word(at + 16))) return 8 * i + 8;
  }
  return 0;
}

/* How many words a boxed future at `address` has, by the table that stands next to its pointer. 0: it does not look like one. */
static __always_inline u32 tokio__boxed(u64 table) {
  u64 size_and_alignment[2];
  if (table & 7 || table < 4096 || table >> 47) return 0;
  if (bpf_probe_read_user(size_and_alignment, sizeof(size_and_alignment), (void *)(table + 8))) return 0;
  u64 size = size_and_alignment[0], alignment = size_and_alignment[1];
  return alignment && alignment <= 128 && !(alignment & (alignment - 1)) && !(size & (alignment - 1)) && size <= 8 * TOKIO_NODE_WORDS ? size / 8 : 0;
}

/* Adds what node `from` points to: boxes of futures, or anything where it is the task itself. */
__noinline int tokio__add_nodes(struct tokio_nodes *nodes, u64 at, u32 first, u32 end, u32 from) {
  if (!nodes) return 0;
  for (u32 i = 0; i < TOKIO_NODE_WORDS; i++) {
    struct tokio_node *node = tokio__node(nodes, nodes->count);
    if (first + i >= end || !node) return 0;
    u64 pointer = at + 8 * (u64)(first + i), target = walk__word(pointer);
    if (target & 7 || target < 4096 || target >> 47) continue;
    u32 words = from ? tokio__boxed(walk__word(pointer + 8)) : TOKIO_THIN_WORDS;
    if (!words) continue;
    *node = (struct tokio_node){.at = target, .words = words, .from = from, .hop = 8 * (first + i) + 8};
    nodes->count++;
  }
  return 0;
}

/* Keeps the way to a node, which is found backwards. */
__noinline int tokio__keep_way(struct runtime *r, struct tokio_nodes *nodes, u32 last, u32 holder) {
  if (!r || !nodes) return 0;
  u32 hops = 0;
  struct tokio_node *node = tokio__node(nodes, last);
  for (u32 i = 0; i < SUTURE_TOKIO_HOPS && node && node->hop; i++, hops++) node = tokio__node(nodes, node->from);
  if (!node || node->hop) return 0; /* too far */
  node = tokio__node(nodes, last);
  for (u32 i = 0; i < SUTURE_TOKIO_HOPS; i++) {
    u32 *hop = tokio__holder(r, holder, TOKIO_HOLDER_HOPS + (i < hops ? hops - 1 - i : i));
    if (!node || !hop) return 0;
    *hop = node->hop; /* of the task itself: none */
    if (node->hop) node = tokio__node(nodes, node->from);
  }
  return 1;
}

/* Looks for where the task *waits keeps what it will await after the task at `awaited`, and notes the way. */
__noinline int tokio__look_for_holder(struct runtime *r, const struct tokio_task *waits, u64 awaited, u32 holder) {
  u32 zero = 0;
  struct tokio_nodes *nodes = bpf_map_lookup_elem(&suture_tokio_nodes, &zero);
  if (!nodes || !r || !waits) return 0;
  nodes->count = 1;
  nodes->node[0] = (struct tokio_node){};
  tokio__add_nodes(nodes, waits->header, waits->id_at / 8 + 1, waits->trailer_at / 8, 0);
  u32 pointers = nodes->count; /* lead to what nobody says the size of */
  for (u32 i = 1; i < TOKIO_NODES; i++) {
    struct tokio_node *node = tokio__node(nodes, i);
    if (i >= nodes->count || !node) return 0;
    u64 at = node->at;
    u32 words = node->words;
    int found = i < pointers ? 0 : tokio__look_for_handles(at, words, awaited);
    if (found) {
      u32 *next = tokio__holder(r, holder, TOKIO_HOLDER_NEXT);
      if (next && tokio__keep_way(r, nodes, i, holder)) *next = found;
      return 1;
    }
    tokio__add_nodes(nodes, at, 0, words, i);
  }
  return 0;
}

/* The iterator of the task at `waits`, by the way that is known; 0: it is not. */
__noinline u64 tokio__iterator(struct runtime *r, u64 waits, u32 holder) {
  if (!r) return 0;
  u32 *next = tokio__holder(r, holder, TOKIO_HOLDER_NEXT);
  if (!next || !*next) return 0;
  for (u32 i = 0; i < SUTURE_TOKIO_HOPS; i++) {
    u32 *hop = tokio__holder(r, holder, TOKIO_HOLDER_HOPS + i);
    if (!hop || !*hop) break;
    waits = walk__word(waits + *hop - 8);
  }
  return waits + *next - 8;
}

/* Names what *waits, which awaits the task at `awaited` of a kind that has `table`, will await next. Returns how many. Uses *waits. */
__noinline int tokio__held(struct runtime *r, struct names *names, struct tokio_task *waits, u64 awaited, u64 table) {
  if (!r || !names || !waits) return 0;
  u32 holder = 0;
  for (; holder < SUTURE_TOKIO_HOLDERS; holder++) {
    u64 *held = &r->address[TOKIO_HELD + holder];
    if (!*held) *held = table;
    if (*held == table) break;
  }
  u32 *looked = tokio__holder(r, holder, TOKIO_HOLDER_LOOKED);
  if (holder >= SUTURE_TOKIO_HOLDERS || !looked) return 0;
  u64 iterator = tokio__iterator(r, waits->header, holder);
  if (iterator && walk__word(walk__word(iterator) - 8) == awaited) return tokio__name_handles(r, names, waits, iterator, awaited);
  if (*looked >= TOKIO_LOOKS_FOR_HANDLES) return 0;
  *looked += 1;
  if (!tokio__look_for_holder(r, waits, awaited, holder)) return 0;
  return tokio__name_handles(r, names, waits, tokio__iterator(r, waits->header, holder), awaited);
}
