/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Process life: fork, exec, exit. Linux 5.5 and newer. */
#define SUTURE_NO_CONNECTIONS
#include "core/thread.bpf.h"
#include "core/spare.bpf.h"

static __always_inline int forked(struct task_struct *parent, struct task_struct *child) {
  thread__fork(parent, child);
  return process__fork(parent, child);
}

static __always_inline int exited(struct task_struct *task) {
  thread__exit(task);
  return process__exit(task);
}

SEC("?tp_btf/sched_process_fork")
int BPF_PROG(suture_fork, struct task_struct *parent, struct task_struct *child) {
  return SPARED(0, child, forked(parent, child));
}

SEC("?tp_btf/sched_process_exec")
int BPF_PROG(suture_exec, struct task_struct *task, int old_pid, struct linux_binprm *binprm) {
  return SPARED(1, task, process__exec(task, binprm));
}

SEC("?tp_btf/sched_process_exit")
int BPF_PROG(suture_exit, struct task_struct *task) {
  return SPARED(2, task, exited(task));
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
