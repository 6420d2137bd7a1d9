/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Socket io by the end of every system call: everywhere, at a price on every call. */
#define SUTURE_SOCK_BY_ADDRESS
#include "core/call.bpf.h"

SEC("?tp_btf/sys_exit")
int BPF_PROG(suture_call, struct pt_regs *regs, long ret) {
  return call__ended(regs, ret);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
