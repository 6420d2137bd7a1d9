/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Writing a traceparent, and the tracestate with which the trace came, into the head of a request that has none: suture run --propagate header.
 *
 * A socket that sends through a sockhash passes its bytes to a program before TCP has them; but all the while it is a member, its reads
 * are not what they were (a blocked recv that is reset gives EAGAIN, FIONREAD gives 0; docs/context.md). So it is one for a single
 * send: it enters when a chosen process has connected while it handled a request, and leaves while the first data is on its way, before
 * an answer can exist. Whatever is in doubt, the bytes pass as they are, and the reason is counted. */
#pragma once

#include "trace.bpf.h"
#include "sock_ops.bpf.h"

/* As in uapi/linux/bpf.h: the layout is the programs' contract with the kernel. */
struct sk_msg_md {
  void *data, *data_end;
  u32 family, remote_ip4, local_ip4, remote_ip6[4], local_ip6[4], remote_port, local_port, size;
  struct bpf_sock *sk;
};
_Static_assert(__builtin_offsetof(struct sk_msg_md, sk) == 72, "uapi");
enum { SK_DROP = 0, SK_PASS = 1 };

/* Members, for the time of one send each. Full: the socket stays as it is. */
struct {
  __uint(type, BPF_MAP_TYPE_SOCKHASH);
  __uint(max_entries, 4096);
  __type(key, u64);
  __type(value, u64);
} suture_header_socks SEC(".maps");

/* When each of them entered, by socket cookie: the agent throws out what has not sent for long, and writes 0 here. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 4096);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, u64);
  __type(value, u64);
} suture_header_members SEC(".maps");

static __always_inline bool header__is_peer(const struct bpf_sock_ops *s) {
  struct trace_peer peer = sock_ops__peer(s);
  return bpf_map_lookup_elem(&suture_trace_peers, &peer) != NULL;
}

static __always_inline void header__leave(struct bpf_sock_ops *s) {
  u64 cookie = bpf_get_socket_cookie(s);
  u64 *entered = bpf_map_lookup_elem(&suture_header_members, &cookie);
  if (!entered) return; /* it is called for somebody else's sake */
  if (*entered) count(TRACE_COUNT_LEFT);
  bpf_map_delete_elem(&suture_header_socks, &cookie);
  bpf_map_delete_elem(&suture_header_members, &cookie);
  bpf_sock_ops_cb_flags_set(s, s->bpf_sock_ops_cb_flags & ~(SOCK_OPS_WRITE_HDR_OPT_FLAG | SOCK_OPS_STATE_FLAG));
}

/* Often in softirq: who connects is known from the connection's record. */
static __always_inline void header__enter(struct bpf_sock_ops *s) {
  struct conn *c = s->sk ? bpf_sk_storage_get(&suture_conns, s->sk, 0, 0) : NULL;
  if (!c || c->role != ROLE_CLIENT || c->verdict == VERDICT_IGNORED || !process__ready()) return;
  struct traced *t = trace__process(c->tgid);
  if (!t || !t->evidence || !header__is_peer(s)) return;
  if (!(t->evidence & TRACE_BY_GOROUTINE) && !c->owner.connection) return; /* opened while no request was handled */
  u64 cookie = bpf_get_socket_cookie(s), now = bpf_ktime_get_ns();
  if (bpf_map_update_elem(&suture_header_members, &cookie, &now, BPF_NOEXIST)) {
    count(TRACE_COUNT_REFUSED);
    return;
  }
  count(TRACE_COUNT_ENTERED);
  if (bpf_sock_ops_cb_flags_set(s, s->bpf_sock_ops_cb_flags | SOCK_OPS_WRITE_HDR_OPT_FLAG | SOCK_OPS_STATE_FLAG) == 0 &&
      bpf_sock_hash_update(s, &suture_header_socks, &cookie, BPF_NOEXIST) == 0)
    return;
  count(TRACE_COUNT_REFUSED);
  header__leave(s);
}

static __always_inline int header__sock_ops(struct bpf_sock_ops *s) {
  if (s->op == SOCK_OPS_ACTIVE_ESTABLISHED) header__enter(s);
  else if (s->op == SOCK_OPS_HDR_OPT_LEN && s->skb_len > 0) header__leave(s);
  else if (s->op == SOCK_OPS_STATE && s->args[1] == TCP_CLOSE) header__leave(s); /* has never sent */
  return 1;
}

/* What is announced to the agent, and while that is prepared, behind it, what it is made of: see trace__scan() for why there. */
struct header_work {
  struct event_trace event;
  u8 text[SUTURE_TRACE_TEXT + 5]; /* what is inserted: to the agent a part of the event where there is more in it than that says */
  struct trace_scan scan;
};
_Static_assert(__builtin_offsetof(struct header_work, text) == sizeof(struct event_trace), "the text follows the event");

struct header_reader {
  struct sk_msg_md *message;
  struct header_work *work;
};

static long header__read_byte(u64 index, struct header_reader *r) {
  struct sk_msg_md *m = r->message;
  u8 *at = m->data, *end = m->data_end;
  u32 i = index;
  BOUND(i, SUTURE_TRACE_HEAD - 1);
  at += i;
  if (at + 1 > end) return 1;
  return trace_scan__step(&r->work->scan, i, *at);
}

static __always_inline u8 header__digit(u8 nibble) { return nibble < 10 ? '0' + nibble : 'a' + nibble - 10; }

static __always_inline u8 *header__hex(u8 *to, const u8 *bytes, int n) {
  for (int i = 0; i < n; i++) {
    *to++ = header__digit(bytes[i] >> 4);
    *to++ = header__digit(bytes[i] & 15);
  }
  *to++ = '-';
  return to;
}

static __always_inline void header__compose(struct header_work *w) {
  __builtin_memcpy(w->text, "traceparent: 00-", 16);
  u8 *at = header__hex(w->text + 16, w->event.trace_id, 16);
  at = header__hex(at, w->event.span_id, 8);
  header__hex(at, &w->event.trace_flags, 1);
  w->text[SUTURE_TRACE_LINE - 2] = '\r';
  w->text[SUTURE_TRACE_LINE - 1] = '\n';
}

/* The tracestate of `cause` behind that, unless the request has one of its own. The bytes of both lines. */
static __always_inline u32 header__compose_state(struct header_work *w, const struct witness_context *cause) {
  const u32 at = SUTURE_TRACE_LINE + 11;
  if (w->scan.states) return SUTURE_TRACE_LINE;
  struct trace_state *state = bpf_map_lookup_elem(&suture_trace_states, cause);
  u32 bytes = state ? state->bytes : 0;
  if (bytes < 1 || bytes > SUTURE_TRACE_STATE) {
    count(TRACE_COUNT_STATE_LEFT);
    return SUTURE_TRACE_LINE;
  }
  __builtin_memcpy(w->text + SUTURE_TRACE_LINE, "tracestate:", 11);
  BOUND(bytes, SUTURE_TRACE_STATE);
  if (bpf_probe_read_kernel(w->text + at, bytes, state->text)) {
    count(TRACE_COUNT_STATE_LEFT);
    return SUTURE_TRACE_LINE;
  }
  u32 end = bytes;
  BOUND(end, SUTURE_TRACE_STATE);
  w->text[at + end] = '\r';
  w->text[at + end + 1] = '\n';
  return at + end + 2;
}

/* Is all of a head here, of a request that has no context in any spelling? Then 0. The first line's length is in the scan. */
static __always_inline enum kernel_counter header__look(struct sk_msg_md *m, struct header_work *w) {
  u32 bytes = m->size < SUTURE_TRACE_HEAD ? m->size : SUTURE_TRACE_HEAD;
  if (bytes < 18 || bpf_msg_pull_data(m, 0, bytes, 0)) return TRACE_COUNT_NO_HEAD;
  u8 *at = m->data, *end = m->data_end;
  if (at + 8 > end) return TRACE_COUNT_NO_HEAD;
  u64 word;
  __builtin_memcpy(&word, at, 8);
  if (head__look(word) != LOOK_REQUEST || (u32)word == WORD('C', 'O', 'N', 'N')) return TRACE_COUNT_NO_HEAD;
  __builtin_memset(&w->scan, 0, sizeof(w->scan));
  struct header_reader r = {.message = m, .work = w};
  bpf_loop(SUTURE_TRACE_HEAD, header__read_byte, &r, 0);
  if (!w->scan.end || w->scan.odd || !w->scan.first) return TRACE_COUNT_NO_HEAD;
  return w->scan.mentions ? TRACE_COUNT_HAS_CONTEXT : 0;
}

/* A send of which TCP takes a part may end inside what is inserted, and its process could not be told so truthfully: all must fit. */
static __always_inline bool header__has_room(struct tcp_sock *tp, u32 bytes) {
  struct sock *sk = (struct sock *)tp;
  return (u64)sk->sk_wmem_queued + 2 * ((u64)bytes + 4096) <= (u64)sk->sk_sndbuf;
}

enum { HEADER_DONE = 0, HEADER_UNCHANGED = 1, HEADER_BROKEN = 2 };

/* Byte `index` of what is inserted behind the first line; the data begins where that does. */
static long header__write_byte(u64 index, struct header_reader *r) {
  struct sk_msg_md *m = r->message;
  u8 *at = m->data, *end = m->data_end;
  u32 i = index;
  BOUND(i, SUTURE_TRACE_TEXT - SUTURE_TRACE_LINE - 1);
  at += SUTURE_TRACE_LINE + i;
  if (at + 1 > end) return 1;
  *at = r->work->text[SUTURE_TRACE_LINE + i];
  return 0;
}

static __always_inline bool header__fill(struct sk_msg_md *m, struct header_work *w, u32 bytes) {
  u8 *at = m->data, *end = m->data_end;
  if (at + SUTURE_TRACE_LINE > end) return false;
  __builtin_memcpy(at, w->text, SUTURE_TRACE_LINE);
  u32 more = bytes - SUTURE_TRACE_LINE;
  struct header_reader r = {.message = m, .work = w};
  return !more || bpf_loop(more, header__write_byte, &r, 0) == more;
}

static __always_inline int header__insert(struct sk_msg_md *m, u32 position, struct header_work *w, u32 bytes) {
  if (bpf_msg_push_data(m, position, bytes, 0)) return HEADER_UNCHANGED;
  if (!bpf_msg_pull_data(m, position, position + bytes, 0) && header__fill(m, w, bytes)) return HEADER_DONE;
  return bpf_msg_pop_data(m, position, bytes, 0) ? HEADER_BROKEN : HEADER_UNCHANGED;
}

/* Fills what is announced. 0, or why there is nothing to write. */
static __always_inline enum kernel_counter header__prepare(struct sk_msg_md *m, struct conn *c, struct tcp_sock *tp, struct traced *t, struct header_work *w) {
  u64 ids = bpf_get_current_pid_tgid();
  struct inbound trace;
  struct witness_context cause = {};
  struct task_struct *task = (void *)bpf_get_current_task_btf();
  struct source call = {};
  /* What the capture cannot read, or sheds, has no span that the header could name. */
  if (source__of_call(&call, task, (struct pt_regs *)bpf_task_pt_regs(task), DIRECTION_SEND, (struct sock *)tp) != SOURCE_FOUND) return TRACE_COUNT_NO_HEAD;
  struct knobs *k = knobs();
  if (!k || !shed__keeps(c, DIRECTION_SEND, tp_get(tp, write_seq), k->keep_below)) return TRACE_COUNT_REFUSED;
  enum kernel_counter why = trace__cause(c, ids >> 32, (u32)ids, t, &cause, &trace);
  if (why) return why;
  why = header__look(m, w);
  if (why) return why;
  if (!header__has_room(tp, m->size)) return TRACE_COUNT_NO_ROOM;
  u32 zero = 0;
  struct trace_settings *settings = bpf_map_lookup_elem(&suture_trace_settings, &zero);
  if (!settings) return TRACE_COUNT_REFUSED;
  struct event_trace *e = &w->event;
  __builtin_memset(e, 0, sizeof(*e));
  e->header = (struct event_header){.type = EVENT_TRACE, .size = sizeof(*e), .time_ns = bpf_ktime_get_ns()};
  e->process_start_ns = process__start_ns(task);
  e->connection = c->id;
  e->tgid = ids >> 32;
  e->tid = (u32)ids;
  e->seq = tp_get(tp, write_seq);
  e->call_bytes = m->size;
  e->inserted_at = w->scan.first;
  e->what = TRACE_WRITTEN;
  e->trace_flags = trace.flags;
  e->cause = cause;
  __builtin_memcpy(e->trace_id, trace.trace_id, 16);
  u64 span = span_id__of_client(settings, c->isn_own, c->isn_peer, 0);
  __builtin_memcpy(e->span_id, &span, 8);
  header__compose(w);
  e->inserted_bytes = trace.state ? header__compose_state(w, &cause) : SUTURE_TRACE_LINE;
  if (e->inserted_bytes > SUTURE_TRACE_LINE) e->header.size += e->inserted_bytes;
  return 0;
}

/* Nothing has been written to the connection before: where a client's head stands. Names it on the way. */
static __always_inline bool header__is_first(struct conn *c, struct tcp_sock *tp) {
  if (tp_get(tp, bytes_sent) || tp_get(tp, write_seq) != tp_get(tp, snd_nxt)) return false;
  if (!(c->flags & CONN_HAVE_ISN)) conn__name(c, NULL, tp);
  return tp_get(tp, write_seq) == c->isn_own + 1;
}

static __always_inline int header__message(struct sk_msg_md *m) {
  struct conn *c = m->sk ? bpf_sk_storage_get(&suture_conns, m->sk, 0, 0) : NULL;
  struct tcp_sock *tp = c ? (struct tcp_sock *)bpf_skc_to_tcp_sock(m->sk) : NULL;
  struct knobs *k = knobs();
  if (!tp || !k || !k->ready || c->shed || !header__is_first(c, tp)) return SK_PASS;
  struct traced *t = trace__process(bpf_get_current_pid_tgid() >> 32);
  if (!t) return SK_PASS;
  struct header_work *w = bpf_ringbuf_reserve(&suture_ring, sizeof(*w), 0);
  if (!w) {
    count(TRACE_COUNT_REFUSED);
    return SK_PASS;
  }
  enum kernel_counter why = header__prepare(m, c, tp, t, w);
  int state = HEADER_UNCHANGED;
  if (!why) {
    state = header__insert(m, w->scan.first & (SUTURE_TRACE_HEAD - 1), w, w->event.inserted_bytes);
    why = state == HEADER_DONE ? TRACE_COUNT_WRITTEN : TRACE_COUNT_REFUSED;
  }
  count(why);
  if (state == HEADER_DONE) c->flags |= CONN_WRITTEN;
  if (state == HEADER_DONE) emit__submit(w, k);
  else bpf_ringbuf_discard(w, BPF_RB_NO_WAKEUP);
  return state == HEADER_BROKEN ? SK_DROP : SK_PASS; /* better an error than other bytes */
}
