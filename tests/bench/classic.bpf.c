// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
// The classic probe, for comparison only: what agents do that hook system calls by number. Each call of interest has an
// enter and an exit program; the arguments wait in a hash in between, connections are known by (process, descriptor),
// and an event is built in a scratch area and copied into the ring.
//
// Its events hold what ours hold, the TCP position of the bytes included, for which the socket behind the descriptor
// is looked up. Otherwise it is kept lean, so that the comparison flatters no one: one clock read per message, early
// exits for other processes and for connections that do not speak HTTP, first piece of a head only, a ring as small as
// ours.
// linux/bpf.h must come first.
// clang-format off
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
// clang-format on

#include "classic_types.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum { RECEIVE = 0, SEND = 1 };
enum { REQUEST = 1, RESPONSE = 2 };
enum { VERDICT_UNKNOWN = 0, VERDICT_HTTP = 1, VERDICT_OTHER = 2 };
enum { EINPROGRESS = 115, IPPROTO_TCP = 6, AF_INET = 2, AF_INET6 = 10, S_IFMT = 0170000, S_IFSOCK = 0140000 };

// Where a call's bytes are: at `pointer`, in the iovec there, or in the msghdr there.
enum shape { PLAIN, IOVEC, MSGHDR };

struct pending_call {
  __u64 time_ns;
  __u64 pointer;
  __u32 fd;
  __u32 shape;
};

struct connection {
  __u64 id;
  __u64 process_start_ns;
  __u64 last_ns[2];
  __u32 end_seq[2];
  __u32 local_address, remote_address;
  __u16 local_port, remote_port;
  __u8 verdict;
  __u8 misses;
};

// Every process if set, else those in `pids`.
const volatile __u8 trace_all = 0;
// The leanest probe of this kind: events without TCP positions, and a call's bytes copied before they are looked at,
// which saves a read of user memory for each message and costs a copy for everything else.
const volatile __u8 lean = 0;

__u64 lost = 0;

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 10240);
  __type(key, __u32);
  __type(value, __u8);
} pids SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 65536);
  __type(key, __u64);  // pid_tgid
  __type(value, struct pending_call);
} calls SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 65536);
  __type(key, __u64);  // tgid and descriptor
  __type(value, struct connection);
} connections SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __uint(key_size, sizeof(__u32));
  __uint(value_size, sizeof(struct classic_event) + HEAD_MAX);
} scratch SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 1 << 20);
} events SEC(".maps");

static __always_inline int is_traced(__u64 pid_tgid) {
  __u32 tgid = pid_tgid >> 32;
  return trace_all || bpf_map_lookup_elem(&pids, &tgid);
}

static __always_inline __u64 connection_key(__u64 pid_tgid, __u32 fd) { return (pid_tgid & ~0xffffffffull) | fd; }

// Four characters as a little-endian word.
#define WORD(a, b, c, d) ((__u32)(a) | (__u32)(b) << 8 | (__u32)(c) << 16 | (__u32)(d) << 24)

static __always_inline int kind_of(__u32 word) {
  switch (word) {
    case WORD('H', 'T', 'T', 'P'):
      return RESPONSE;
    case WORD('G', 'E', 'T', ' '):
    case WORD('P', 'O', 'S', 'T'):
    case WORD('P', 'U', 'T', ' '):
    case WORD('D', 'E', 'L', 'E'):
    case WORD('H', 'E', 'A', 'D'):
    case WORD('O', 'P', 'T', 'I'):
    case WORD('P', 'A', 'T', 'C'):
    case WORD('C', 'O', 'N', 'N'):
    case WORD('T', 'R', 'A', 'C'):
      return REQUEST;
    default:
      return 0;
  }
}

// The file behind a descriptor of the current task, or null.
static __always_inline struct file* file_of(__u32 fd) {
  struct task_struct* task = (struct task_struct*)bpf_get_current_task();
  struct fdtable* table = BPF_CORE_READ(task, files, fdt);
  struct file** files = BPF_CORE_READ(table, fd);
  struct file* file = 0;
  bpf_probe_read_kernel(&file, sizeof(file), files + fd);
  return file;
}

// The socket behind a descriptor that is known to be one.
static __always_inline struct sock* known_socket(__u32 fd) {
  struct socket* socket = BPF_CORE_READ(file_of(fd), private_data);
  return BPF_CORE_READ(socket, sk);
}

// The TCP socket behind any descriptor, or null.
static __always_inline struct sock* tcp_socket(__u32 fd) {
  struct file* file = file_of(fd);
  if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK) return 0;
  struct socket* socket = BPF_CORE_READ(file, private_data);
  struct sock* sk = BPF_CORE_READ(socket, sk);
  if (!sk || BPF_CORE_READ(sk, sk_protocol) != IPPROTO_TCP) return 0;
  __u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);
  return family == AF_INET || family == AF_INET6 ? sk : 0;
}

// The sequence number after the last byte moved.
static __always_inline __u32 position_of(__u32 fd, int direction) {
  struct tcp_sock* tcp = (struct tcp_sock*)known_socket(fd);
  return direction == SEND ? BPF_CORE_READ(tcp, write_seq) : BPF_CORE_READ(tcp, copied_seq);
}

static __always_inline struct connection* connection_add(__u64 key, __u32 fd) {
  struct sock* sk = tcp_socket(fd);
  if (!sk) return 0;
  struct connection fresh = {};
  fresh.id = bpf_ktime_get_ns();
  struct task_struct* task = (struct task_struct*)bpf_get_current_task();
  fresh.process_start_ns = BPF_CORE_READ(task, group_leader, start_boottime);
  fresh.local_address = BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr);
  fresh.remote_address = BPF_CORE_READ(sk, __sk_common.skc_daddr);
  fresh.local_port = BPF_CORE_READ(sk, __sk_common.skc_num);
  fresh.remote_port = BPF_CORE_READ(sk, __sk_common.skc_dport);
  bpf_map_update_elem(&connections, &key, &fresh, BPF_ANY);
  return bpf_map_lookup_elem(&connections, &key);
}

// Sends are stamped where they start, receives where they end.
static __always_inline int call_begins(__u32 fd, __u64 pointer, enum shape shape, int direction) {
  __u64 pid_tgid = bpf_get_current_pid_tgid();
  if (!is_traced(pid_tgid)) return 0;
  struct pending_call call = {.pointer = pointer, .fd = fd, .shape = shape};
  if (direction == SEND) call.time_ns = bpf_ktime_get_ns();
  bpf_map_update_elem(&calls, &pid_tgid, &call, BPF_ANY);
  return 0;
}

static __always_inline __u64 first_byte(const struct pending_call* call, __u32* bytes) {
  __u64 at = call->pointer;
  if (call->shape == PLAIN) return at;
  if (call->shape == MSGHDR) {
    struct user_msghdr header;
    if (bpf_probe_read_user(&header, sizeof(header), (void*)at)) return 0;
    at = header.iov;
  }
  struct user_iovec part;
  if (bpf_probe_read_user(&part, sizeof(part), (void*)at)) return 0;
  if (part.bytes < *bytes) *bytes = part.bytes;
  return part.base;
}

static __always_inline __u32 copy_head(struct classic_event* event, __u64 from, __u32 bytes) {
  if (bytes > HEAD_MAX) bytes = HEAD_MAX;
  barrier_var(bytes);
  if (bytes > HEAD_MAX || bpf_probe_read_user(event->data, bytes, (void*)from)) return 0;
  return bytes;
}

static __always_inline int call_ends(long result, int direction) {
  __u64 pid_tgid = bpf_get_current_pid_tgid();
  struct pending_call* waiting = bpf_map_lookup_elem(&calls, &pid_tgid);
  if (!waiting) return 0;
  struct pending_call call = *waiting;
  bpf_map_delete_elem(&calls, &pid_tgid);
  if (result <= 0) return 0;

  __u64 key = connection_key(pid_tgid, call.fd);
  struct connection* connection = bpf_map_lookup_elem(&connections, &key);
  if (connection && connection->verdict == VERDICT_OTHER) return 0;

  __u32 zero = 0;
  struct classic_event* event = bpf_map_lookup_elem(&scratch, &zero);
  if (!event) return 0;
  __u32 bytes = result;
  __u64 from = first_byte(&call, &bytes);
  __u32 copied = 0, word = 0;
  if (lean && connection) {
    copied = copy_head(event, from, bytes);
    if (copied >= sizeof(word)) __builtin_memcpy(&word, event->data, sizeof(word));
  } else if (bytes >= sizeof(__u64)) {
    __u64 prefix = 0;
    bpf_probe_read_user(&prefix, sizeof(prefix), (void*)from);
    word = prefix;
  }
  int kind = kind_of(word);
  if (!kind) {
    if (!connection) return 0;
    if (connection->verdict == VERDICT_UNKNOWN && ++connection->misses > 3) connection->verdict = VERDICT_OTHER;
    return 0;
  }
  // Open before the agent started.
  if (!connection) connection = connection_add(key, call.fd);
  if (!connection) return 0;
  connection->verdict = VERDICT_HTTP;
  if (!copied) copied = copy_head(event, from, bytes);

  __u32 end_seq = lean ? 0 : position_of(call.fd, direction);
  event->type_and_size = 1 | (sizeof(struct classic_event) + copied) << 32;
  event->time_ns = direction == SEND ? call.time_ns : bpf_ktime_get_ns();
  event->connection = connection->id;
  event->process_start_ns = connection->process_start_ns;
  event->pid_tgid = pid_tgid;
  event->last_ns[RECEIVE] = connection->last_ns[RECEIVE];
  event->last_ns[SEND] = connection->last_ns[SEND];
  event->end_seq[RECEIVE] = connection->end_seq[RECEIVE];
  event->end_seq[SEND] = connection->end_seq[SEND];
  event->seq = end_seq - (__u32)result;
  event->call_bytes = result;
  event->fd = call.fd;
  event->data_bytes = copied;
  event->direction = direction;
  event->kind = kind;
  connection->last_ns[direction] = event->time_ns;
  connection->end_seq[direction] = end_seq;
  if (bpf_ringbuf_output(&events, event, sizeof(struct classic_event) + copied, 0)) __sync_fetch_and_add(&lost, 1);
  return 0;
}

static __always_inline int accept_ends(long result) {
  __u64 pid_tgid = bpf_get_current_pid_tgid();
  if (result < 0 || !is_traced(pid_tgid)) return 0;
  connection_add(connection_key(pid_tgid, result), result);
  return 0;
}

static __always_inline int connect_ends(long result) {
  __u64 pid_tgid = bpf_get_current_pid_tgid();
  struct pending_call* call = bpf_map_lookup_elem(&calls, &pid_tgid);
  if (!call) return 0;
  __u32 fd = call->fd;
  bpf_map_delete_elem(&calls, &pid_tgid);
  if (result && result != -EINPROGRESS) return 0;
  connection_add(connection_key(pid_tgid, fd), fd);
  return 0;
}

static __always_inline int close_begins(__u32 fd) {
  __u64 pid_tgid = bpf_get_current_pid_tgid();
  if (!is_traced(pid_tgid)) return 0;
  __u64 key = connection_key(pid_tgid, fd);
  bpf_map_delete_elem(&connections, &key);
  return 0;
}

#define CALL(name, shape, direction)                                         \
  SEC("tracepoint/syscalls/sys_enter_" #name)                                \
  int classic_e_##name(struct trace_event_raw_sys_enter* ctx) {              \
    return call_begins((__u32)ctx->args[0], ctx->args[1], shape, direction); \
  }                                                                          \
  SEC("tracepoint/syscalls/sys_exit_" #name)                                 \
  int classic_x_##name(struct trace_event_raw_sys_exit* ctx) { return call_ends(ctx->ret, direction); }

CALL(read, PLAIN, RECEIVE)
CALL(recvfrom, PLAIN, RECEIVE)
CALL(readv, IOVEC, RECEIVE)
CALL(recvmsg, MSGHDR, RECEIVE)
CALL(write, PLAIN, SEND)
CALL(sendto, PLAIN, SEND)
CALL(writev, IOVEC, SEND)
CALL(sendmsg, MSGHDR, SEND)

SEC("tracepoint/syscalls/sys_exit_accept4")
int classic_x_accept4(struct trace_event_raw_sys_exit* ctx) { return accept_ends(ctx->ret); }

SEC("tracepoint/syscalls/sys_enter_connect")
int classic_e_connect(struct trace_event_raw_sys_enter* ctx) {
  return call_begins((__u32)ctx->args[0], 0, PLAIN, RECEIVE);
}

SEC("tracepoint/syscalls/sys_exit_connect")
int classic_x_connect(struct trace_event_raw_sys_exit* ctx) { return connect_ends(ctx->ret); }

SEC("tracepoint/syscalls/sys_enter_close")
int classic_e_close(struct trace_event_raw_sys_enter* ctx) { return close_begins((__u32)ctx->args[0]); }
