/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* A connection's record: found, made, announced, and reported from the socket alone. */
#pragma once

#include "context.bpf.h"
#include "process.bpf.h"

#ifdef SUTURE_SOCK_BY_ADDRESS
static __always_inline struct conn *conn__find(struct sock *sk) {
  u64 key = (u64)sk;
  return bpf_map_lookup_elem(&suture_conns, &key);
}
static __always_inline void conn__forget(struct sock *sk) {
  u64 key = (u64)sk;
  bpf_map_delete_elem(&suture_conns, &key);
}
static __always_inline struct tcp_sock *conn__tcp(struct sock *sk) { return (struct tcp_sock *)sk; }
#else
static __always_inline struct conn *conn__find(struct sock *sk) {
  struct conn *c = bpf_sk_storage_get(&suture_conns, sk, 0, 0);
  return c && c->id ? c : NULL;
}
static __always_inline void conn__forget(struct sock *sk) { bpf_sk_storage_delete(&suture_conns, sk); }
#ifdef SUTURE_CAST /* a move instead of a call; Linux 6.2, and so only where the mechanism is newer */
extern void *bpf_rdonly_cast(const void *object, u32 btf_id) __ksym;
static __always_inline struct tcp_sock *conn__tcp(struct sock *sk) {
  return bpf_rdonly_cast(sk, bpf_core_type_id_kernel(struct tcp_sock));
}
#else
static __always_inline struct tcp_sock *conn__tcp(struct sock *sk) { return (struct tcp_sock *)bpf_skc_to_tcp_sock(sk); }
#endif
#endif

static __always_inline bool conn__is_tcp(struct sock *sk) {
  u16 family = sk_get(sk, __sk_common.skc_family);
  return (family == AF_INET || family == AF_INET6) && sk_get(sk, sk_type) == SOCK_STREAM && sk_get(sk, sk_protocol) == IPPROTO_TCP;
}

/* Addresses as 16 bytes, IPv4 in the first 4; ports in host order. */
static __always_inline void conn__addresses(struct sock *sk, u8 *local, u8 *remote, u16 *local_port, u16 *remote_port) {
  if (sk_get(sk, __sk_common.skc_family) == AF_INET6) {
    struct in6_addr l, r;
    bpf_core_read(&l, sizeof(l), &sk->__sk_common.skc_v6_rcv_saddr);
    bpf_core_read(&r, sizeof(r), &sk->__sk_common.skc_v6_daddr);
    __builtin_memcpy(local, &l, 16);
    __builtin_memcpy(remote, &r, 16);
  } else {
    u32 l = sk_get(sk, __sk_common.skc_rcv_saddr), r = sk_get(sk, __sk_common.skc_daddr);
    __builtin_memset(local, 0, 16);
    __builtin_memset(remote, 0, 16);
    __builtin_memcpy(local, &l, 4);
    __builtin_memcpy(remote, &r, 4);
  }
  u16 port = sk_get(sk, __sk_common.skc_num);
  if (!port) { /* given back before CLOSE is announced; this copy stays (net/ipv4/inet_hashtables.c, __inet_put_port) */
    bpf_core_read(&port, sizeof(port), &((struct inet_sock *)sk)->inet_sport);
    port = __builtin_bswap16(port);
  }
  *local_port = port;
  *remote_port = __builtin_bswap16(sk_get(sk, __sk_common.skc_dport));
}

/* A FIN takes a sequence number without being a byte: what follows says where the payload stands. */

/* After the last byte that the process has read. A read that meets the FIN moves copied_seq over it as well. */
static __always_inline u32 conn__received_end(struct sock *sk, struct tcp_sock *tp) {
  u32 end = tp_get(tp, copied_seq);
  bool fin = sk_get(sk, __sk_common.skc_flags) >> SOCK_DONE & 1;
  return fin && end == tp_get(tp, rcv_nxt) ? end - 1 : end;
}

/* After the last byte that the process has written. */
static __always_inline u32 conn__sent_end(const struct conn *c, struct tcp_sock *tp) {
  u32 end = tp_get(tp, write_seq);
  barrier_var(end); /* else the compiler makes one load of two kinds of pointers, which the verifier refuses */
  return c->flags & CONN_FIN_SENT ? c->sent_end : end;
}

/* A position and its counter move together, but not in one store, and softirq may be at it. False: read again. */
static __always_inline bool conn__name_own(struct conn *c, struct tcp_sock *tp) {
  u32 next = tp_get(tp, snd_nxt), acked_end = tp_get(tp, snd_una);
  u64 sent = tp_get(tp, bytes_sent), again = tp_get(tp, bytes_retrans), acked = tp_get(tp, bytes_acked);
  barrier();
  bool fin = (c->flags & CONN_FIN_SENT) && next == c->sent_end + 1;
  u32 own = next - (u32)(sent - again) - 1 - (fin ? 1 : 0), opener = acked_end - (u32)acked;
  bool agreed = opener - own <= 1 && acked_end == tp_get(tp, snd_una);
  if (c->role == ROLE_CLIENT) own = opener;
  if (c->role == ROLE_SERVER) own = opener - 1;
  c->isn_own = own;
  return agreed;
}

/* The SYNs' own sequence numbers, from counters that the stack keeps: what was sent without repeats (or received), taken
 * from where the numbering stands. bytes_received counts a FIN as a byte, bytes_sent does not. Both ends compute the same
 * pair, through NAT. snd_nxt follows bytes_sent only after the segment has gone down the whole stack, and softirq sends what is
 * queued while the process runs elsewhere: so the same is taken from what was acknowledged, where only the end that opened
 * counts its SYN. */
static __noinline void conn__name(struct conn *c, struct sock *sk, struct tcp_sock *tp) {
  if (!conn__name_own(c, tp) && !conn__name_own(c, tp) && !conn__name_own(c, tp)) conn__name_own(c, tp);
  for (int i = 0; i < 4; i++) {
    u32 next = tp_get(tp, rcv_nxt);
    u64 received = tp_get(tp, bytes_received);
    barrier();
    if (next == tp_get(tp, rcv_nxt) && received == tp_get(tp, bytes_received)) {
      c->isn_peer = next - (u32)received - 1;
      break;
    }
  }
  c->flags |= CONN_HAVE_ISN;
}

/* A connection that had closed its end, or had ended, before it was seen first: its FIN is in write_seq. One in CLOSE that
 * has the peer's FIN and no error has sent its own. */
static __always_inline void conn__note_fin(struct conn *c, struct sock *sk) {
  u8 state = sk_get(sk, __sk_common.skc_state);
  bool sent = state == TCP_FIN_WAIT1 || state == TCP_FIN_WAIT2 || state == TCP_LAST_ACK || state == TCP_CLOSING;
  if (state == TCP_CLOSE) {
    c->error = sk_get(sk, sk_err);
    c->flags |= CONN_ENDED;
    sent = !c->error && sk_get(sk, __sk_common.skc_flags) >> SOCK_DONE & 1;
  }
  if (!sent) return;
  struct tcp_sock *tp = conn__tcp(sk);
  if (!tp) return;
  c->sent_end = tp_get(tp, write_seq) - 1;
  c->flags |= CONN_FIN_SENT;
}

static __always_inline bool conn__is_own(struct sock *sk) {
  struct endpoint_pair pair = {};
  conn__addresses(sk, pair.local, pair.remote, &pair.local_port, &pair.remote_port);
  return bpf_map_lookup_elem(&suture_self, &pair) != NULL;
}

/* Called once the agent's own connection has both ports: from here on its other end is ignored as well. */
static __always_inline void conn__mark_own(struct sock *sk) {
  struct endpoint_pair pair = {};
  u8 yes = 1;
  conn__addresses(sk, pair.remote, pair.local, &pair.remote_port, &pair.local_port); /* as the other end says it */
  bpf_map_update_elem(&suture_self, &pair, &yes, BPF_ANY);
}

static __always_inline void conn__unmark_own(struct sock *sk) {
  struct endpoint_pair pair = {};
  conn__addresses(sk, pair.remote, pair.local, &pair.remote_port, &pair.local_port);
  bpf_map_delete_elem(&suture_self, &pair);
}

/* All of a new record but its id. */
static __always_inline void conn__fill(struct conn *c, struct sock *sk, struct task_struct *task, u8 role, u64 opened_ns, u32 self_tgid) {
  c->last_dir = 2;
  c->request_dir = 2;
  c->role = role;
  c->opened_ns = opened_ns;
  c->reported_ns = bpf_ktime_get_ns();
  if (task) {
    c->tgid = task->tgid;
    c->tid = task->pid;
    c->process_start_ns = process__start_ns(task);
  }
  if (c->tgid && c->tgid == self_tgid) c->verdict = VERDICT_IGNORED;
  else if (sk_get(sk, __sk_common.skc_state) != TCP_SYN_SENT && conn__is_own(sk)) c->verdict = VERDICT_IGNORED;
  if (!opened_ns) conn__note_fin(c, sk);
}

/* A record for a socket that has none. NULL: no memory, and it is counted. `task` may be NULL in softirq. */
static __noinline struct conn *conn__create(struct sock *sk, struct task_struct *task, u8 role, u64 opened_ns) {
  if (!sk || !conn__is_tcp(sk)) return NULL;
  struct knobs *k = knobs();
  if (!k) return NULL;
  u64 id = __sync_fetch_and_add(&k->connections, 1) + 1;
#ifdef SUTURE_SOCK_BY_ADDRESS
  struct conn fresh = {.id = id};
  conn__fill(&fresh, sk, task, role, opened_ns, k->self_tgid);
  u64 key = (u64)sk;
  bpf_map_update_elem(&suture_conns, &key, &fresh, BPF_ANY);
  struct conn *c = bpf_map_lookup_elem(&suture_conns, &key);
#else
  /* Filled in place: on the stack it has no room before Linux 6.13. Of those who find the new record on several CPUs one fills
   * it; for the others there is none yet, and what they move is not seen. */
  struct conn *c = bpf_sk_storage_get(&suture_conns, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
  if (c && __sync_lock_test_and_set(&c->made, 1)) c = NULL;
  if (c) conn__fill(c, sk, task, role, opened_ns, k->self_tgid);
  barrier();
  if (c) c->id = id;
#endif
  if (c) count(COUNT_CONNECTIONS);
  else emit__refuse(DROP_STORAGE_FAILED);
  return c;
}

/* An operation moves the socket's position before its hook can note the time, and a sweep on another CPU may come between. */
static __always_inline void conn__take_back(const struct conn *c, u8 dir, u32 *end) {
  if (c->noted[dir] && !c->shed && (s32)(c->noted_end[dir] - *end) < 0) *end = c->noted_end[dir];
}

/* When its directions moved last, after where they stand: `e`'s positions. What a sweep finds half done it tells when it comes
 * past again. Nothing is changed that the operations' hooks write. */
static __always_inline void conn__tell(struct conn *c, struct event_connection *e) {
  if (e->what == CONNECTION_PROGRESS) {
    conn__take_back(c, DIRECTION_RECEIVE, &e->end_seq[DIRECTION_RECEIVE]);
    conn__take_back(c, DIRECTION_SEND, &e->end_seq[DIRECTION_SEND]);
  }
  barrier(); /* no time is older than its position */
  e->last_ns[0] = c->told_ns[0] = c->last_ns[0];
  e->last_ns[1] = c->told_ns[1] = c->last_ns[1];
  c->reported_ns = e->header.time_ns;
}

static __always_inline bool conn__untold(const struct conn *c) {
  return c->told_ns[0] != c->last_ns[0] || c->told_ns[1] != c->last_ns[1];
}

/* Puts the connection's state into the ring. False: the ring is full. */
static __noinline int conn__report(struct conn *c, struct sock *sk, u32 what, u32 error) {
  if (!c || !sk) return 0;
  if (!c->tgid) return 0; /* nobody that we look at ever used it */
  struct tcp_sock *tp = conn__tcp(sk);
  struct knobs *k = knobs();
  if (!tp || !k) return 0;
  if (!(c->flags & CONN_HAVE_ISN) && sk_get(sk, __sk_common.skc_state) != TCP_SYN_SENT) conn__name(c, sk, tp);
  struct event_connection *e = emit__reserve(sizeof(*e));
  if (!e) return 0;
  e->header = (struct event_header){.type = EVENT_CONNECTION, .size = sizeof(*e), .time_ns = bpf_ktime_get_ns()};
  e->connection = c->id;
  e->process_start_ns = c->process_start_ns;
  e->tgid = c->tgid;
  e->tid = c->tid;
  e->end_seq[DIRECTION_RECEIVE] = c->shed ? c->kept_end[DIRECTION_RECEIVE] : conn__received_end(sk, tp);
  e->end_seq[DIRECTION_SEND] = c->shed ? c->kept_end[DIRECTION_SEND] : conn__sent_end(c, tp);
  e->what = what;
  conn__tell(c, e);
  e->isn_own = c->isn_own;
  e->isn_peer = c->isn_peer;
  e->opened_ns = c->opened_ns;
  e->established_ns = c->established_ns;
  e->sent_bytes = tp_get(tp, bytes_sent) - tp_get(tp, bytes_retrans);
  e->received_bytes = tp_get(tp, bytes_received) - (sk_get(sk, __sk_common.skc_flags) >> SOCK_DONE & 1);
  e->retransmits = tp_get(tp, total_retrans);
  e->netns_inode = sk_get(sk, __sk_common.skc_net.net) ? BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum) : 0;
  conn__addresses(sk, e->local_address, e->remote_address, &e->local_port, &e->remote_port);
  e->error = error;
  e->family = sk_get(sk, __sk_common.skc_family);
  e->role = c->role;
  e->verdict = c->verdict;
  e->have_isn = !!(c->flags & CONN_HAVE_ISN);
  e->peer_closed = c->peer_closed;
  __builtin_memset(e->pad, 0, sizeof(e->pad));
  emit__submit(e, k);
  return 1;
}

#ifdef SUTURE_UNIX
static int unix__report(struct conn *c, struct sock *sk, u32 what, u32 error);
#define CONN_REPORT unix__report
#else
#define CONN_REPORT conn__report
#endif

/* Before the first message leaves, its connection's names must have left. */
static __always_inline bool conn__announce(struct conn *c, struct sock *sk) {
  if (c->flags & CONN_ANNOUNCED) return true;
  if (!CONN_REPORT(c, sk, CONNECTION_OPEN, 0)) return false;
  c->flags |= CONN_ANNOUNCED;
  return true;
}

/* A reset, or the peer's FIN after our own, ends the connection while its process has yet to read what came before. After a FIN it may
 * also be at it: the call that has taken the last bytes is told of when it is over, and its reader would make a new record. */
static __always_inline bool conn__unread(struct conn *c, struct sock *sk) {
  if (c->verdict > VERDICT_HTTP || sk_get(sk, __sk_common.skc_flags) >> SOCK_DEAD & 1) return false;
  struct tcp_sock *tp = conn__tcp(sk);
  if (!tp) return false;
  u32 fin = sk_get(sk, __sk_common.skc_flags) >> SOCK_DONE & 1;
  if (fin && (c->flags & CONN_FIN_SENT) && !c->error) return true;
  return (s32)(tp_get(tp, rcv_nxt) - fin - tp_get(tp, copied_seq)) > 0;
}

/* The handshake's steps and the end. Often in softirq: the current task is the connection's only for a connect or a close. */
static __always_inline int conn__state(struct sock *sk, int old_state, int new_state) {
  struct knobs *k = knobs();
  if (!k || !k->ready || !conn__is_tcp(sk)) return 0;
  if (new_state == TCP_SYN_SENT) {
    struct task_struct *task = (void *)bpf_get_current_task_btf();
    if (process__denied(task->tgid) && (u32)task->tgid != k->self_tgid) return 0;
    conn__forget(sk); /* the address may have served another connection */
    struct conn *opened = conn__create(sk, task, ROLE_CLIENT, bpf_ktime_get_ns());
    if (opened) context__connect(opened, task);
    return 0;
  }
  if (new_state == TCP_ESTABLISHED && old_state == TCP_SYN_RECV) {
    struct conn *c = conn__create(sk, NULL, ROLE_SERVER, bpf_ktime_get_ns());
    if (c) c->established_ns = c->opened_ns;
    return 0;
  }
  struct conn *c = conn__find(sk);
  if (!c) return 0;
  if (new_state == TCP_ESTABLISHED) {
    c->established_ns = bpf_ktime_get_ns();
    if (c->verdict == VERDICT_IGNORED) conn__mark_own(sk);
    return 0;
  }
  if (c->verdict == VERDICT_IGNORED) {
    if (new_state != TCP_CLOSE) return 0;
    if (c->tgid == k->self_tgid) conn__unmark_own(sk); /* its ports may serve somebody else next */
    conn__forget(sk);
    return 0;
  }
  if (new_state == TCP_CLOSE_WAIT) {
    c->peer_closed = 1;
    return 0;
  }
  if (new_state == TCP_FIN_WAIT1 || new_state == TCP_LAST_ACK) {
    struct tcp_sock *tp = conn__tcp(sk);
    if (!tp) return 0;
    c->sent_end = tp_get(tp, write_seq); /* the FIN is queued after this */
    c->flags |= CONN_FIN_SENT;
    /* close() shuts both directions before it gets here; shutdown(SHUT_WR) leaves the answer to come. */
    if (c->verdict == VERDICT_HTTP && (c->flags & CONN_ANNOUNCED) &&
        (sk_get(sk, sk_shutdown) & (RCV_SHUTDOWN | SEND_SHUTDOWN)) == (RCV_SHUTDOWN | SEND_SHUTDOWN))
      conn__report(c, sk, CONNECTION_CLOSING, 0);
    return 0;
  }
  if (new_state == TCP_CLOSE) {
    if (c->flags & CONN_COLD) {
      c->flags &= ~CONN_COLD;
      __sync_fetch_and_sub(&k->cold_pending, 1);
    }
    int error = sk_get(sk, sk_err);
    c->error = error < 0 ? -error : error;
    if (conn__unread(c, sk)) {
      c->flags |= CONN_ENDED;
      return 0;
    }
    conn__report(c, sk, CONNECTION_CLOSED, c->error);
    conn__forget(sk);
  }
  return 0;
}

/* The socket goes; only those that ended before all was read have a record left. */
static __always_inline int conn__destroyed(struct sock *sk) {
  struct knobs *k = knobs();
  if (!k || !k->ready) return 0;
  struct conn *c = conn__find(sk);
  if (!c || !(c->flags & CONN_ENDED)) return 0;
  conn__report(c, sk, CONNECTION_CLOSED, c->error);
  conn__forget(sk);
  return 0;
}

/* Every so often the agent walks all connections: HTTP ones that moved bytes nobody told of (the end of a long body), and
 * the others once in an interval, as edges. */
static __always_inline int conn__sweep(struct conn *c, struct sock *sk) {
  if (!c->id || c->verdict == VERDICT_IGNORED) return 0;
  if (c->verdict == VERDICT_HTTP) {
    if ((c->flags & CONN_ANNOUNCED) && conn__untold(c)) conn__report(c, sk, CONNECTION_PROGRESS, 0);
    return 0;
  }
  struct knobs *k = knobs();
  if (k && bpf_ktime_get_ns() - c->reported_ns >= k->edge_interval_ns) conn__report(c, sk, CONNECTION_PROGRESS, 0);
  return 0;
}
