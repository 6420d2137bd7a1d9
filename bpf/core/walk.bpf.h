/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What the walks of all runtimes share (walk_*.bpf.h): a walk goes by pointers through the memory of the process that is
 * running, from what moves the bytes to what waits for them, and gives what it meets as names. It reads, at most ten words or
 * so, and believes nothing: what does not look right gives no names, and no name links nothing. */
#pragma once

#include "kernel.bpf.h"

#include "wire/runtime.h"

struct names {
  u64 value[SUTURE_WITNESS_VALUES];
};

/* A word of the process's memory, 0 if it cannot be read. */
static __always_inline u64 walk__word(u64 address) {
  u64 word = 0;
  bpf_probe_read_user(&word, sizeof(word), (void *)address);
  return word;
}

/* The running thread's registers as it entered the system call. */
static __always_inline struct pt_regs *walk__registers(void) {
  return (struct pt_regs *)bpf_task_pt_regs((void *)bpf_get_current_task_btf());
}
