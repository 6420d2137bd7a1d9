/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The traces of requests, where contexts are written onto the wire. Attached behind the hooks of socket io, which run first. Linux 6.3 and
 * newer. */
#include "core/trace.bpf.h"
#include "core/spare.bpf.h"

SEC("?tp_btf/sock_recv_length")
int BPF_PROG(suture_trace_received, struct sock *sk, int ret, int flags) {
  return SPARED(0, sk, trace__received(sk, ret, flags));
}

SEC("?tp_btf/sock_send_length")
int BPF_PROG(suture_trace_sent, struct sock *sk, int ret, int flags) {
  return SPARED(1, sk, trace__sent(sk, ret));
}

SEC("?tp_btf/sched_process_exec")
int BPF_PROG(suture_trace_exec, struct task_struct *task, int old_pid, struct linux_binprm *binprm) {
  return SPARED(2, task, trace__program_over(task));
}

SEC("?tp_btf/sched_process_exit")
int BPF_PROG(suture_trace_exit, struct task_struct *task) {
  return SPARED(3, task, trace__thread_over(task));
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
