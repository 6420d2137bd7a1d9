/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Who wakes whom. Linux 5.15 (bpf_task_pt_regs) and newer. */
#define SUTURE_NO_CONNECTIONS
#include "core/wake.bpf.h"

SEC("?tp_btf/sched_waking")
int BPF_PROG(suture_waking, struct task_struct *task) {
  return wake__waking(task);
}

/* Who has used up its time when it returns from the kernel goes without being preempted, but does not sleep. */
SEC("?tp_btf/sched_switch")
int BPF_PROG(suture_switch, bool preempt, struct task_struct *prev, struct task_struct *next) {
  if (!preempt && prev->__state) wake__sleeps(prev);
  return wake__goes_on(next);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
