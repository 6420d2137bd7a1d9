/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The kernel's types, as far as suture reads them, by hand: never from the build host. libbpf relocates every access
 * (preserve_access_index), so a struct here names only the members that are used. What changed between kernels is said
 * at the member. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;

enum { BPF_MAP_TYPE_HASH = 1, BPF_MAP_TYPE_ARRAY = 2, BPF_MAP_TYPE_PERCPU_ARRAY = 6, BPF_MAP_TYPE_LRU_HASH = 9, BPF_MAP_TYPE_SK_STORAGE = 24,
       BPF_MAP_TYPE_SOCKHASH = 18, BPF_MAP_TYPE_RINGBUF = 27, BPF_MAP_TYPE_TASK_STORAGE = 29 };             /* uapi/linux/bpf.h */
enum { BPF_ANY = 0, BPF_NOEXIST = 1 };
enum { BPF_F_NO_PREALLOC = 1, BPF_F_MMAPABLE = 1 << 10 };
enum { BPF_SK_STORAGE_GET_F_CREATE = 1, BPF_LOCAL_STORAGE_GET_F_CREATE = 1 };
enum { BPF_RB_NO_WAKEUP = 1, BPF_RB_FORCE_WAKEUP = 2, BPF_RB_AVAIL_DATA = 0 };

enum { AF_UNIX = 1, AF_INET = 2, AF_INET6 = 10 };
enum { SOCK_STREAM = 1, IPPROTO_TCP = 6 };
enum { MSG_OOB = 0x1, MSG_PEEK = 0x2, MSG_TRUNC = 0x20, MSG_DONTWAIT = 0x40, MSG_ERRQUEUE = 0x2000 };
enum { MSG_NOT_STREAM = MSG_OOB | MSG_PEEK | MSG_ERRQUEUE }; /* what such a receive returns does not move the stream */
enum { TCP_ESTABLISHED = 1, TCP_SYN_SENT = 2, TCP_SYN_RECV = 3, TCP_FIN_WAIT1 = 4, TCP_FIN_WAIT2 = 5, TCP_TIME_WAIT = 6,
       TCP_CLOSE = 7, TCP_CLOSE_WAIT = 8, TCP_LAST_ACK = 9, TCP_LISTEN = 10, TCP_CLOSING = 11 }; /* net/tcp_states.h */
enum { RCV_SHUTDOWN = 1, SEND_SHUTDOWN = 2 };
/* Bits of skc_flags: no process holds the socket any more; the peer's FIN has arrived (net/ipv4/tcp_input.c, tcp_fin). */
enum { SOCK_DEAD = 0, SOCK_DONE = 1 };
enum { TS_COMPAT = 2 }; /* arch/x86/include/asm/thread_info.h: the task is inside a 32-bit system call */
enum { S_IFMT = 0170000, S_IFSOCK = 0140000 };
enum { O_NONBLOCK = 04000 };
enum { EPIPE = 32, ECONNRESET = 104 };

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct ns_common { unsigned int inum; };
struct net { struct ns_common ns; };
typedef struct { struct net *net; } possible_net_t;
struct in6_addr { union { __u8 u6_addr8[16]; } in6_u; };

struct sock_common {
  __be32 skc_daddr;
  __be32 skc_rcv_saddr;
  __be16 skc_dport;
  __u16 skc_num;
  unsigned short skc_family;
  volatile unsigned char skc_state;
  unsigned long skc_flags;
  possible_net_t skc_net;
  struct in6_addr skc_v6_daddr;
  struct in6_addr skc_v6_rcv_saddr;
};

struct sk_buff_head { u32 qlen; };
struct socket;
struct sock {
  struct sock_common __sk_common;
  struct sk_buff_head sk_receive_queue;
  struct socket *sk_socket; /* NULL before accept() and after the last close */
  u16 sk_type;
  u16 sk_protocol; /* a bit field before 5.6 */
  u8 sk_shutdown;
  int sk_err;
  int sk_wmem_queued; /* bytes of memory that what is to be sent takes, of sk_sndbuf */
  int sk_sndbuf;
};

struct inet_sock { __be16 inet_sport; };
struct sockaddr_un { unsigned short sun_family; char sun_path[108]; };
struct unix_address { int len; struct sockaddr_un name[]; };
struct unix_sock { struct unix_address *addr; struct sock *peer; };

struct tcp_sock {
  u32 write_seq;
  u32 copied_seq;
  u32 snd_nxt;
  u32 snd_una;
  u32 rcv_nxt;
  u64 bytes_sent;
  u64 bytes_retrans;
  u64 bytes_acked;
  u64 bytes_received;
  u64 tcp_wstamp_ns;
  u64 tcp_clock_cache;
  u32 total_retrans;
  u32 mss_cache;
};

struct iovec { void *iov_base; unsigned long iov_len; };
struct user_msghdr { void *msg_name; int msg_namelen; struct iovec *msg_iov; unsigned long msg_iovlen; };

enum iter_type { ITER_UBUF, ITER_IOVEC }; /* values by bpf_core_enum_value: they changed in 6.4 */
struct iov_iter {
  u8 iter_type; /* before 5.14: unsigned int type, see iov_iter___old */
  unsigned long iov_offset;
  const struct iovec *__iov; /* before 6.4: iov */
  void *ubuf;                /* since 6.0 */
  unsigned long count;
  unsigned long nr_segs;
};
struct iov_iter___iov { const struct iovec *iov; };
struct iov_iter___old { unsigned int type; };
struct msghdr { struct iov_iter msg_iter; };

struct qstr { const unsigned char *name; };
struct inode { unsigned short i_mode; unsigned long i_ino; };
struct file { struct inode *f_inode; void *private_data; unsigned int f_flags; };
struct fdtable { unsigned int max_fds; struct file **fd; };
struct files_struct { struct fdtable *fdt; };
struct socket { struct file *file; struct sock *sk; };

struct thread_info { u32 status; };
struct mm_struct { unsigned long start_stack, arg_start, arg_end; };
struct signal_struct { struct { int counter; } live; };
struct thread_struct { unsigned long fsbase; }; /* x86-64: the thread pointer */
struct task_struct {
  struct thread_info thread_info;
  unsigned int __state; /* 0: it runs, or could; before 5.14: state */
  int pid;
  int tgid;
  u64 start_boottime; /* real_start_time before 5.5 */
  struct task_struct *group_leader;
  struct mm_struct *mm;
  struct files_struct *files;
  struct signal_struct *signal;
  void *io_uring; /* since 5.10 */
  unsigned long nivcsw; /* times that it was taken off its processor */
  int on_cpu;     /* not without SMP, before 6.17 */
  struct thread_struct thread;
  char comm[16];
};
struct linux_binprm { const char *filename; };

struct pt_regs { unsigned long r14, bx, r10, r8, cx, dx, si, di, orig_ax, ax, sp; }; /* x86-64 */

struct io_cqe { s32 res; };
struct io_kiocb { struct file *file; u8 opcode; struct io_cqe cqe; }; /* cqe since 5.19 */

struct bpf_iter_meta { u64 session_id; };
struct bpf_map { u32 id; };
struct bpf_iter__bpf_map {
  struct bpf_iter_meta *meta;
  struct bpf_map *map;
};
struct bpf_iter__bpf_sk_storage_map {
  struct bpf_iter_meta *meta;
  struct bpf_map *map;
  struct sock *sk;
  void *value;
};
struct bpf_iter__bpf_map_elem {
  struct bpf_iter_meta *meta;
  struct bpf_map *map;
  void *key;
  void *value;
};
struct bpf_iter__task_file {
  struct bpf_iter_meta *meta;
  struct task_struct *task;
  u32 fd;
  struct file *file;
};

#pragma clang attribute pop

/* struct mmsghdr as 64-bit processes lay it out (linux/socket.h): a msghdr of 56 bytes, then msg_len. Numbers, because an
 * array of a relocated struct would be indexed by the size of what is named of it here. */
enum { MMSGHDR_BYTES = 64, MMSGHDR_LEN = 56 };

/* x86-64 system call numbers (arch/x86/entry/syscalls/syscall_64.tbl) */
enum { NR_read = 0, NR_write = 1, NR_readv = 19, NR_writev = 20, NR_sendfile = 40, NR_sendto = 44, NR_recvfrom = 45, NR_sendmsg = 46,
       NR_recvmsg = 47, NR_splice = 275, NR_recvmmsg = 299, NR_sendmmsg = 307, NR_preadv2 = 327, NR_pwritev2 = 328, NR_io_uring_enter = 426, NR_futex = 202 };
/* linux/io_uring.h */
enum { IORING_OP_READV = 1, IORING_OP_WRITEV = 2, IORING_OP_READ_FIXED = 4, IORING_OP_WRITE_FIXED = 5, IORING_OP_SENDMSG = 9,
       IORING_OP_RECVMSG = 10, IORING_OP_READ = 22, IORING_OP_WRITE = 23, IORING_OP_SEND = 26, IORING_OP_RECV = 27,
       IORING_OP_SEND_ZC = 47, IORING_OP_SENDMSG_ZC = 48 };
/* linux/futex.h; what else a futex call says is in bits above */
enum { FUTEX_WAIT = 0, FUTEX_WAKE = 1, FUTEX_WAKE_OP = 5, FUTEX_WAIT_BITSET = 9, FUTEX_WAKE_BITSET = 10, FUTEX_CMD_MASK = 127, FUTEX_CLOCK_REALTIME = 256 };

/* A socket found through the file table is a number to the verifier and is read by probing; one that a hook was given
 * is read directly, and costs a load. */
#ifdef SUTURE_SOCK_BY_ADDRESS
#define sk_get(sk, member) BPF_CORE_READ(sk, member)
#define tp_get(tp, member) BPF_CORE_READ(tp, member)
#else
#define sk_get(sk, member) ((sk)->member)
#define tp_get(tp, member) ((tp)->member)
#endif
