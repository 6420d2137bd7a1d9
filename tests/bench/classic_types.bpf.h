// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
// The types of the classic probe: what it reads from the kernel and from processes, and the event it writes.
#pragma once

#include <linux/types.h>

// The few kernel types used, relocated to the running kernel (CO-RE); never taken from the build host.
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct trace_event_raw_sys_enter {
  long id;
  unsigned long args[6];
};
struct trace_event_raw_sys_exit {
  long id;
  long ret;
};
struct sock_common {
  __u32 skc_daddr, skc_rcv_saddr;
  __u16 skc_dport, skc_num, skc_family;
};
struct sock {
  struct sock_common __sk_common;
  __u16 sk_protocol;
};
struct socket {
  struct sock* sk;
};
struct inode {
  __u16 i_mode;
};
struct file {
  struct inode* f_inode;
  void* private_data;
};
struct fdtable {
  unsigned int max_fds;
  struct file** fd;
};
struct files_struct {
  struct fdtable* fdt;
};
struct task_struct {
  struct files_struct* files;
  struct task_struct* group_leader;
  __u64 start_boottime;
};
struct tcp_sock {
  __u32 copied_seq, write_seq;
};
#pragma clang attribute pop

// The system call ABI of 64-bit processes.
struct user_iovec {
  __u64 base, bytes;
};
struct user_msghdr {
  __u64 name, name_bytes, iov, iov_count;
};

// Most head bytes of one message: the largest class of our first record.
enum { HEAD_MAX = 1024 };

// As event_data in include/wire/event.h.
struct classic_event {
  __u64 type_and_size;
  __u64 time_ns;  // start of a send, end of a receive
  __u64 connection;
  __u64 process_start_ns;
  __u64 pid_tgid;
  __u64 last_ns[2];
  __u32 end_seq[2];
  __u32 seq;
  __u32 call_bytes;
  __u32 fd;
  __u16 data_bytes;
  __u8 direction;
  __u8 kind;
  __u8 data[];
};
_Static_assert(sizeof(struct classic_event) == 80, "as large as our own event");
