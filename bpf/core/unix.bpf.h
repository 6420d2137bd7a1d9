/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Stream sockets of the Unix family, beside those of TCP: the same operations and events, another record.
 *
 * The stack keeps no positions for them, so the record counts the bytes of each direction from the socket's first on.
 * There is no handshake either: each end draws its initial number when its record is made, and the two records are made
 * together, by whoever moves the first byte. Positions are worth something only if no byte was missed, so every call
 * counts, also of processes that are denied, and at every call the two ends are compared. Connections that are older
 * than the agent, and those whose ends disagree, are in doubt for good: they are followed, but never joined. */
#pragma once

#include "call.bpf.h"

/* A connection at rest tells once in so long that it is still there: nothing tells of its close. The agent gives up one that it
 * has not heard of for four times as long. */
#define UNIX_INTERVAL_NS 10000000000ull

#define UNIX_PATH_BYTES 108 /* unix(7) */

struct unix_end {
  struct conn conn; /* first: the core gets a pointer to it and gives that back */
  u64 moved[2];     /* bytes, by enum event_direction */
  u64 peer;         /* the other end's socket, only to be compared */
  u32 inode, peer_inode;
  u8 doubt;         /* its positions do not count from the first byte, or may not */
  u8 doubt_told;    /* the agent knows */
  u8 pad[2];
  u32 leaves;       /* kept by address: somebody takes the record away */
};

#ifdef SUTURE_SOCK_BY_ADDRESS
/* As suture_conns. Entries of sockets that are gone leave with the next sweep. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 65536);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, u64);
  __type(value, struct unix_end);
} suture_unix SEC(".maps");

static __always_inline struct unix_end *unix__find(struct sock *sk) {
  u64 key = (u64)sk;
  return bpf_map_lookup_elem(&suture_unix, &key);
}
static __always_inline struct unix_end *unix__store(struct sock *sk, struct unix_end *fresh) {
  u64 key = (u64)sk;
  bpf_map_update_elem(&suture_unix, &key, fresh, BPF_NOEXIST);
  return bpf_map_lookup_elem(&suture_unix, &key);
}
static __always_inline struct sock *unix__peer(struct sock *sk) { return BPF_CORE_READ((struct unix_sock *)sk, peer); }
#else
struct {
  __uint(type, BPF_MAP_TYPE_SK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct unix_end);
} suture_unix SEC(".maps");

static __always_inline struct unix_end *unix__find(struct sock *sk) { return bpf_sk_storage_get(&suture_unix, sk, 0, 0); }
/* The first bytes' send and their read may end on two CPUs at once, and both make both records: who is second is refused, and finds
 * what the first has made. */
static __always_inline struct unix_end *unix__store(struct sock *sk, struct unix_end *fresh) {
  struct unix_end *u = bpf_sk_storage_get(&suture_unix, sk, fresh, BPF_SK_STORAGE_GET_F_CREATE);
  return u ? u : unix__find(sk);
}
/* A stream socket holds its peer until its own release (net/unix/af_unix.c, unix_release_sock). */
static __always_inline struct sock *unix__peer(struct sock *sk) {
  struct unix_sock *u = (void *)bpf_skc_to_unix_sock(sk);
  return u ? u->peer : NULL;
}
#endif

static __always_inline bool unix__is_stream(struct sock *sk) {
  return sk_get(sk, __sk_common.skc_family) == AF_UNIX && sk_get(sk, sk_type) == SOCK_STREAM;
}

/* Names a socket while it has a file: 0 before accept() and after the last close. */
static __always_inline u32 unix__inode(struct sock *sk) { return BPF_CORE_READ(sk, sk_socket, file, f_inode, i_ino); }

static __always_inline u32 unix__seq(const struct unix_end *u, u8 dir) {
  return (dir == DIRECTION_SEND ? u->conn.isn_own : u->conn.isn_peer) + 1 + (u32)u->moved[dir];
}

/* What the socket is bound to; an accepted one to what its listener is. Returns the bytes of the path. */
static __always_inline u16 unix__path(struct sock *sk, char *path) {
  struct unix_address *address = BPF_CORE_READ((struct unix_sock *)sk, addr);
  if (!address) return 0;
  u32 bytes = BPF_CORE_READ(address, len) - sizeof(unsigned short); /* of the whole sockaddr_un */
  if (bpf_probe_read_kernel(path, UNIX_PATH_BYTES, &address->name[0].sun_path)) return 0;
  return bytes <= UNIX_PATH_BYTES ? bytes : 0;
}

/* `sk` NULL: the socket is gone. */
static __always_inline void unix__fill(struct event_connection *e, struct conn *c, struct sock *sk, u32 what, u32 error) {
  struct unix_end *u = (struct unix_end *)c;
  __builtin_memset(e, 0, sizeof(*e));
  e->header = (struct event_header){.type = EVENT_CONNECTION, .size = sizeof(*e), .time_ns = bpf_ktime_get_ns()};
  e->connection = c->id;
  e->process_start_ns = c->process_start_ns;
  e->tgid = c->tgid;
  e->tid = c->tid;
  e->end_seq[DIRECTION_RECEIVE] = unix__seq(u, DIRECTION_RECEIVE);
  e->end_seq[DIRECTION_SEND] = unix__seq(u, DIRECTION_SEND);
  e->what = what;
  conn__tell(c, e);
  e->isn_own = c->isn_own;
  e->isn_peer = c->isn_peer;
  e->opened_ns = c->opened_ns;
  e->sent_bytes = u->moved[DIRECTION_SEND];
  e->received_bytes = u->moved[DIRECTION_RECEIVE];
  if (sk) e->netns_inode = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
  e->error = error;
  e->family = AF_UNIX;
  e->verdict = c->verdict;
  e->have_isn = !u->doubt;
  e->peer_closed = c->peer_closed;
  u->doubt_told = u->doubt;
}

/* Puts the connection's state into the ring. False: the ring is full. */
static __noinline int unix__report(struct conn *c, struct sock *sk, u32 what, u32 error) {
  struct knobs *k = knobs();
  if (!c || !k || !c->tgid) return 0; /* nobody that we look at ever used it */
  struct sock *peer = what == CONNECTION_OPEN && sk ? unix__peer(sk) : NULL;
  if (peer) {
    struct event_unix_connection *open = emit__reserve(sizeof(*open));
    if (!open) return 0;
    __builtin_memset(open, 0, sizeof(*open));
    unix__fill(&open->connection, c, sk, what, error);
    open->connection.header.size = sizeof(*open);
    open->local_bytes = unix__path(sk, open->local_path);
    open->remote_bytes = unix__path(peer, open->remote_path);
    emit__submit(open, k);
    return 1;
  }
  struct event_connection *e = emit__reserve(sizeof(*e));
  if (!e) return 0;
  unix__fill(e, c, sk, what, error);
  emit__submit(e, k);
  return 1;
}

/* Once per end; nothing of it follows. */
static __always_inline void unix__close(struct unix_end *u, struct sock *sk, u32 error) {
  if (u->conn.flags & CONN_ENDED) return;
  u->conn.flags |= CONN_ENDED;
  if (u->conn.flags & CONN_ANNOUNCED) unix__report(&u->conn, sk, CONNECTION_CLOSED, error);
}

#ifdef SUTURE_SOCK_BY_ADDRESS
/* An address may have served another socket before. Numbers are compared as far as they are known, and learned. */
static __always_inline bool unix__is_same(struct unix_end *u, u32 inode, u64 peer, u32 peer_inode) {
  if (u->peer != peer || (u->inode && inode && u->inode != inode)) return false;
  if (u->peer_inode && peer_inode && u->peer_inode != peer_inode) return false;
  if (!u->inode) u->inode = inode;
  if (!u->peer_inode) u->peer_inode = peer_inode;
  return true;
}

/* Takes away the record of a socket before. Both ends' calls and a sweep may find it at once, on several CPUs, and who is
 * second must not delete what the first has made at the same address since: who marks it does, and the address stays taken
 * until then. */
static __always_inline void unix__remove(struct unix_end *u, struct sock *sk) {
  if (__sync_lock_test_and_set(&u->leaves, 1)) return;
  u64 key = (u64)sk;
  unix__close(u, NULL, 0);
  bpf_map_delete_elem(&suture_unix, &key);
}
#define UNIX_LEAVES_TRIES 32 /* lookups of some 20 ns each: the delete follows the mark within a microsecond */
#endif

/* The record of one end, made if there is none. NULL: no memory, and it is counted. */
static __noinline struct unix_end *unix__get(struct sock *sk, struct sock *peer) {
  struct knobs *k = knobs();
  if (!sk || !peer || !k) return NULL;
  struct unix_end *u = unix__find(sk);
#ifdef SUTURE_SOCK_BY_ADDRESS
  u32 inode = unix__inode(sk), peer_inode = unix__inode(peer);
  if (u && !unix__is_same(u, inode, (u64)peer, peer_inode)) {
    unix__remove(u, sk);
    u = unix__find(sk);
    for (int i = 0; i < UNIX_LEAVES_TRIES && u && u->leaves; i++) u = unix__find(sk);
  }
  if (u && u->leaves) {
    emit__refuse(DROP_STORAGE_FAILED);
    return NULL;
  }
#endif
  if (u) return u;
  struct unix_end fresh = {.conn = {.last_dir = 2, .request_dir = 2}};
  fresh.conn.id = __sync_fetch_and_add(&k->connections, 1) + 1;
  fresh.conn.isn_own = bpf_get_prandom_u32();
  fresh.conn.reported_ns = bpf_ktime_get_ns();
  if (k->ready) fresh.conn.opened_ns = fresh.conn.reported_ns;
  else fresh.doubt = 1;
#ifdef SUTURE_SOCK_BY_ADDRESS
  fresh.peer = (u64)peer;
  fresh.inode = inode;
  fresh.peer_inode = peer_inode;
#endif
  u = unix__store(sk, &fresh);
  if (!u) emit__refuse(DROP_STORAGE_FAILED);
  else count(COUNT_CONNECTIONS);
  return u;
}

/* What one end has sent the other has read, or it waits in the other's queue. A splice out of a socket, an urgent byte and,
 * at the ends of system calls, io_uring move bytes that no call tells of: then the sums differ. After a call of one end the
 * other may be behind with its own hook, never ahead. */
static __always_inline void unix__compare(struct unix_end *u, struct unix_end *p, struct sock *sk, struct sock *peer, u8 dir) {
  bool wrong;
  if (dir == DIRECTION_SEND) {
    u64 read = p->moved[DIRECTION_RECEIVE];
    barrier();
    bool waits = sk_get(peer, sk_receive_queue.qlen) != 0;
    wrong = waits ? read >= u->moved[DIRECTION_SEND] : read > u->moved[DIRECTION_SEND];
  } else {
    u64 sent = p->moved[DIRECTION_SEND];
    barrier();
    wrong = !sk_get(sk, sk_receive_queue.qlen) && u->moved[DIRECTION_RECEIVE] < sent;
  }
  if (wrong || u->doubt || p->doubt) u->doubt = p->doubt = 1;
}

/* The peer's end was read, or a call failed because of it. A peer that is gone told nobody of its close: it is said here. */
static __always_inline int unix__ended(struct unix_end *u, struct unix_end *p, struct sock *sk, struct sock *peer, long ret) {
  u8 shut = sk_get(sk, sk_shutdown);
  if (!ret && !(shut & RCV_SHUTDOWN)) return 0;       /* a call for no bytes */
  if (sk_get(sk, sk_receive_queue.qlen)) return 0; /* there is something left to read */
  bool gone = sk_get(peer, __sk_common.skc_flags) >> SOCK_DEAD & 1;
  if (gone) unix__close(p, peer, 0);
  u->conn.peer_closed = 1;
  /* Of a peer that shut one direction the other may still be used: a server answers. A client has nothing to wait for. */
  if (gone || u->conn.request_dir == DIRECTION_SEND) unix__close(u, sk, ret == -ECONNRESET ? ECONNRESET : 0);
  return 0;
}

/* Sends are seen when they are done. Has the peer read of it by then, the bytes left before. */
static __always_inline u64 unix__send_time(const struct unix_end *u, const struct unix_end *p, u64 before, u64 now) {
  u64 read_ns = p->conn.last_ns[DIRECTION_RECEIVE];
  if (p->moved[DIRECTION_RECEIVE] <= before || read_ns >= now) return now;
  return read_ns > u->conn.last_ns[0] && read_ns > u->conn.last_ns[1] ? read_ns : now;
}

/* Whether a call that returned `ret` concerns a connection at all. */
static __always_inline bool unix__counts(long ret) { return ret >= 0 || ret == -ECONNRESET || ret == -EPIPE; }

/* A call on a stream socket is over. `regs`: its system call's. */
static __always_inline int unix__called(struct sock *sk, struct task_struct *task, struct pt_regs *regs, long ret, u8 dir,
                                        bool nonblocking) {
  struct knobs *k = knobs();
  struct sock *peer = unix__peer(sk);
  if (!k || !peer) return 0;
  struct unix_end *u = unix__get(sk, peer), *p = unix__get(peer, sk);
  if (!u || !p || (u->conn.flags & CONN_ENDED)) return 0;
  if (!ret && dir == DIRECTION_RECEIVE && context__follows_ends(task)) context__ended(&u->conn, sk, task);
  if (ret <= 0) return k->ready ? unix__ended(u, p, sk, peer, ret) : 0;
  struct conn *c = &u->conn;
  /* Once: under sys_exit a sweep forgets a peer that is gone, and what it sent last may be read only after that. */
  if (!c->isn_peer) c->isn_peer = p->conn.isn_own;
  struct op o = {.dir = dir, .bytes = ret, .flags = DATA_EXACT, .now = bpf_ktime_get_ns()};
  u64 before = u->moved[dir];
  o.end_seq[DIRECTION_RECEIVE] = unix__seq(u, DIRECTION_RECEIVE);
  o.end_seq[DIRECTION_SEND] = unix__seq(u, DIRECTION_SEND);
  o.seq = dir == DIRECTION_SEND ? o.end_seq[DIRECTION_SEND] : o.end_seq[DIRECTION_RECEIVE];
  __sync_fetch_and_add(&u->moved[dir], ret);
  unix__compare(u, p, sk, peer, dir);
  if (!k->ready || process__denied(task->tgid)) return 0;
  if (c->verdict > VERDICT_HTTP) {
    context__opaque(c, task, dir);
    return 0;
  }
  if (!c->tgid) {
    c->tgid = task->tgid;
    c->tid = task->pid;
    c->process_start_ns = process__start_ns(task);
  }
  if (u->doubt && !u->doubt_told && (c->flags & CONN_ANNOUNCED)) unix__report(c, sk, CONNECTION_PROGRESS, 0);
  if (io__dull(c, dir)) return 0;
  if (dir == DIRECTION_SEND) {
    o.now = unix__send_time(u, p, before, o.now);
    o.flags |= source__response(c, task, o.now);
  } else if (nonblocking) {
    o.flags |= DATA_NONBLOCKING;
  }
#ifdef SUTURE_SOCK_BY_ADDRESS
  enum source_state state = source__of_call(&o.source, task, regs, dir, NULL);
#else
  enum source_state state = source__of_call(&o.source, task, regs, dir, sk);
#endif
  if (state == SOURCE_FOUND && io__moved(c, sk, &o)) state = SOURCE_UNREADABLE;
  if (state != SOURCE_FOUND) source__refuse(c, task, dir, o.now, state);
  else witness__after(c, task, dir, o.now);
  /* A body's last bytes must not wait for a sweep: the socket may be gone by then, and its close tells of nothing. */
  if (!o.done && c->verdict == VERDICT_HTTP && (c->flags & CONN_ANNOUNCED)) unix__report(c, sk, CONNECTION_PROGRESS, 0);
  return 0;
}

/* sendmmsg and recvmmsg return messages, not bytes: nothing counts from the first byte any more. */
static __always_inline int unix__messages(struct sock *sk, struct task_struct *task, u8 dir) {
  struct sock *peer = unix__peer(sk);
  if (!peer) return 0;
  struct unix_end *u = unix__get(sk, peer), *p = unix__get(peer, sk);
  if (!u || !p) return 0;
  u->doubt = p->doubt = 1;
  if (process__denied(task->tgid)) return 0;
  return source__refuse(&u->conn, task, dir, bpf_ktime_get_ns(), SOURCE_OTHER_CALL);
}

/* tp_btf/sock_recv_length, tp_btf/sock_send_length */
static __always_inline int unix__length(struct sock *sk, int ret, int flags, u8 dir) {
  if (!unix__is_stream(sk) || !unix__counts(ret)) return 0;
  if (dir == DIRECTION_RECEIVE && (flags & MSG_NOT_STREAM)) return 0;
  struct task_struct *task = (void *)bpf_get_current_task_btf();
  return unix__called(sk, task, (struct pt_regs *)bpf_task_pt_regs(task), ret, dir,
                      flags & MSG_DONTWAIT);
}

/* tp_btf/sys_exit */
static __always_inline int unix__call_ended(struct pt_regs *regs, long ret) {
  if (!unix__counts(ret)) return 0;
  struct task_struct *task = (void *)bpf_get_current_task_btf();
  long nr = regs->orig_ax;
  bool compat = task->thread_info.status & TS_COMPAT;
  u32 fd;
  int dir = call__names(regs, compat, &fd);
  if (dir < 0) return 0;
  bool nonblocking = false;
  struct sock *sk = source__socket(task, fd, &nonblocking);
  if (!sk || !unix__is_stream(sk)) return 0;
  u64 flags = compat ? 0 : nr == NR_recvfrom || nr == NR_recvmmsg ? regs->r10 : nr == NR_recvmsg ? regs->dx : 0;
  if (dir == DIRECTION_RECEIVE && (flags & MSG_NOT_STREAM)) return 0;
  dir &= 1; /* the verifier wants to see it */
  if (!compat && (nr == NR_sendmmsg || nr == NR_recvmmsg)) return ret > 0 ? unix__messages(sk, task, dir) : 0;
  return unix__called(sk, task, regs, ret, dir, nonblocking || flags & MSG_DONTWAIT);
}

/* Tells the agent that the connection lives, whether bytes moved or not: nothing else tells it of a close that nobody read. */
static __always_inline int unix__sweep(struct unix_end *u, struct sock *sk) {
  struct conn *c = &u->conn;
#ifdef SUTURE_SOCK_BY_ADDRESS
  struct sock *peer = unix__peer(sk);
  bool dead = !unix__is_stream(sk) || (sk_get(sk, __sk_common.skc_flags) >> SOCK_DEAD & 1);
  if (dead || !unix__is_same(u, unix__inode(sk), (u64)peer, peer ? unix__inode(peer) : 0)) {
    unix__remove(u, sk);
    return 0;
  }
#endif
  if ((c->flags & (CONN_ANNOUNCED | CONN_ENDED)) != CONN_ANNOUNCED || c->verdict > VERDICT_HTTP) return 0;
  if (conn__untold(c) || bpf_ktime_get_ns() - c->reported_ns >= UNIX_INTERVAL_NS) unix__report(c, sk, CONNECTION_PROGRESS, 0);
  return 0;
}

#ifdef SUTURE_SOCK_BY_ADDRESS
static long unix__sweep_entry(struct bpf_map *map, u64 *key, struct unix_end *u, void *context) {
  unix__sweep(u, (struct sock *)*key);
  return 0;
}
static __always_inline int unix__sweep_all(void) {
  bpf_for_each_map_elem(&suture_unix, unix__sweep_entry, NULL, 0);
  return 0;
}
#endif

/* Every open file of the host. Before the agent looks, both ends of a connection are marked as older. Where map iterators
 * are refused this is the sweep. */
static __always_inline int unix__file(struct file *file) {
  struct knobs *k = knobs();
  if (!k || !file) return 0;
  struct socket *socket = bpf_sock_from_file(file);
  struct sock *sk = socket ? socket->sk : NULL;
  if (!sk || !unix__is_stream(sk)) return 0;
  struct unix_end *u = unix__find(sk);
  if (u) unix__sweep(u, sk);
  if (k->ready) return 0;
  struct sock *peer = unix__peer(sk);
  if (!peer) return 0; /* not connected: no byte has moved */
  unix__get(sk, peer);
  unix__get(peer, sk);
  return 0;
}
