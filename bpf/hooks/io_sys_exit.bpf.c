/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Socket io by the end of every system call: a price on every call. Linux 6.13 and newer: before, its functions have 512
 * bytes of stack in all, and it needs 700. */
#define SUTURE_SOCK_BY_ADDRESS
#include "core/call.bpf.h"
#include "core/spare.bpf.h"

SEC("?tp_btf/sys_exit")
int BPF_PROG(suture_call, struct pt_regs *regs, long ret) {
  return SPARED(0, NULL, call__ended(regs, ret));
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
