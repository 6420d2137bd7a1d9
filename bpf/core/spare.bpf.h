/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* A kernel starts no program that is under way on the same processor. Since Linux 7.0 tracepoints leave preemption on: a task can take the
 * processor in the middle of one, and whatever it does there would go untold until the other goes on. So objects are loaded several times there,
 * and the programs of the spares attached right behind those of the first: one of them runs where the first could not. */
#pragma once

#include "kernel.bpf.h"

#include "wire/spare.h"

/* Set before loading. A constant to the verifier, which takes away what other copies would do. */
const volatile struct object_copy suture_copy SEC(".rodata.copy") = {.number = 0, .copies = 1};

/* Shared by all copies of an object. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, SUTURE_SPARED);
  __type(key, u32);
  __type(value, struct spare_done);
} suture_done SEC(".maps");

static __always_inline u32 spare__thread(void) { return (u32)bpf_get_current_pid_tgid() | 1u << 31; }

/* The last copy may be left out too: then its thread's word stays, and takes the place of the next run should the others be left out of that. In
 * an interrupt the thread is whoever was interrupted, perhaps between two copies: it is about something else there, and has another place. */
static __always_inline bool spare__begins(struct spare_done *done, u32 place) {
  if (suture_copy.copies == 1 || !done) return suture_copy.number == 0;
  if (suture_copy.number == 0) return true;
  u32 *thread = &done->thread[place & (SUTURE_SPARE_PLACES - 1)];
  if (*thread != spare__thread()) return true;
  if (suture_copy.number + 1 == suture_copy.copies) *thread = 0;
  return false;
}

static __always_inline void spare__ends(struct spare_done *done, u32 place) {
  if (suture_copy.copies == 1 || !done) return;
  if (suture_copy.number + 1 < suture_copy.copies) done->thread[place & (SUTURE_SPARE_PLACES - 1)] = spare__thread();
  if (suture_copy.number > 0) __sync_fetch_and_add(&done->by_spares, 1);
}

static __always_inline struct spare_done *spare__done(u32 program) {
  return suture_copy.copies == 1 ? NULL : bpf_map_lookup_elem(&suture_done, &program);
}

static __always_inline u32 spare__place(const void *about) {
  if (suture_copy.copies == 1) return 0;
  u32 low;
  asm volatile("%0 = %1" : "=w"(low) : "w"((u32)(u64)about)); /* to the verifier half a pointer is a number */
  return low >> 6 ^ spare__thread();
}

/* What an object's program number `program` does, when something happens to `about`. */
#define SPARED(program, about, run)                     \
  ({                                                    \
    struct spare_done *done = spare__done(program);     \
    u32 place = spare__place(about);                    \
    int result = 0;                                     \
    if (spare__begins(done, place)) {                   \
      result = (run);                                   \
      spare__ends(done, place);                         \
    }                                                   \
    result;                                             \
  })
