/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The trace of a request as a TCP option beside it (wire/trace.h): suture run --propagate tcp. The payload is not touched, nor is any
 * socket's way of working.
 *
 * A connection that a chosen process opens is marked when it is established. When a request begins on it, what is to be written is laid
 * ready in the socket's storage; it leaves with whichever segment holds that byte, as long as the segment with it fits one MSS. The MSS
 * itself stays as it is: room that is taken in a segment and was not counted in the MSS stalls the connection for good. */
#pragma once

#include "trace.bpf.h"
#include "sock_ops.bpf.h"

/* What is ready to leave with a request, or has left; or what came before there was a record of the connection. Lives and dies with the socket;
 * present at the end that asks: the connection is chosen. Changed only with the socket's lock held, or in softirq while nobody holds it. */
struct ready_option {
  struct trace_option option;
  u32 seq;    /* of the request's first byte */
  u8 armed;   /* it is to be written with that byte, also when that is sent again */
  u8 written;
  u8 pad[2];
};
struct {
  __uint(type, BPF_MAP_TYPE_SK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct ready_option);
} suture_ready_options SEC(".maps");

#define OPTION_TAG 0x4f /* "O": no span id is made of a message that begins so (SPAN_ID_SEQUENCE_NUMBERS) */

/* What only those can say who share the key, of a connection that both ends name alike. */
static __noinline u32 option__proof(const struct trace_settings *settings, const struct trace_option *o, u32 isn_client, u32 isn_server) {
  if (!settings || !o) return 0;
  struct siphash s = siphash__begin(settings);
  u64 trace[2];
  __builtin_memcpy(trace, o->trace_id, 16);
  siphash__absorb(&s, OPTION_TAG | (u64)o->flags << 8 | (u64)o->seq << 32);
  siphash__absorb(&s, (u64)isn_client << 32 | isn_server);
  siphash__absorb(&s, trace[0]);
  siphash__absorb(&s, trace[1]);
  return siphash__end(&s);
}

static __always_inline struct trace_settings *option__settings(void) {
  u32 zero = 0;
  return bpf_map_lookup_elem(&suture_trace_settings, &zero);
}

static __always_inline struct conn *option__conn(struct bpf_sock *sk) {
  struct conn *c = bpf_sk_storage_get(&suture_conns, sk, 0, 0);
  return c && c->id && c->verdict <= VERDICT_HTTP && process__ready() ? c : NULL;
}

/* ---- the end that asks */

/* Often in softirq: who connects is known from the connection's record. */
static __always_inline void option__enter(struct bpf_sock_ops *s) {
  struct bpf_sock *sk = s->sk; /* once: the verifier knows nothing of the next load of it */
  struct conn *c = sk ? option__conn(sk) : NULL;
  struct trace_settings *settings = option__settings();
  if (!c || c->role != ROLE_CLIENT || !settings || !trace__process(c->tgid)) return;
  struct trace_peer peer = sock_ops__peer(s);
  if (!trace__is_wanted(settings, &peer)) return;
  if (!bpf_sk_storage_get(&suture_ready_options, sk, 0, BPF_SK_STORAGE_GET_F_CREATE) ||
      bpf_sock_ops_cb_flags_set(s, s->bpf_sock_ops_cb_flags | SOCK_OPS_WRITE_HDR_OPT_FLAG) != 0) {
    count(TRACE_COUNT_REFUSED);
    return;
  }
  count(TRACE_COUNT_ENTERED);
}

static __always_inline struct ready_option *option__ready(struct bpf_sock_ops *s) {
  struct bpf_sock *sk = s->sk;
  struct ready_option *r = sk ? bpf_sk_storage_get(&suture_ready_options, sk, 0, 0) : NULL;
  return r && r->armed ? r : NULL;
}

static __always_inline void option__give_up(struct ready_option *r, enum kernel_counter why) {
  r->armed = 0;
  if (!r->written) count(why);
}

/* A segment is about to be made: is there to be room? Nothing is said where there is no payload, which is also how the MSS is asked for. */
static __always_inline void option__reserve(struct bpf_sock_ops *s) {
  struct ready_option *r = s->skb_len ? option__ready(s) : NULL;
  if (!r) return;
  if ((s32)(s->snd_una - r->seq) > 0) r->armed = 0; /* it has arrived */
  else if (s->skb_len + sizeof(struct trace_option) > s->mss_cache) option__give_up(r, TRACE_COUNT_TOO_LARGE);
  else if (bpf_reserve_hdr_opt(s, sizeof(struct trace_option), 0)) option__give_up(r, TRACE_COUNT_NO_SPACE); /* SACK blocks */
}

/* RFC 9293 3.1 */
enum { TCP_HEADER_BYTES = 20, TCP_SEQ_AT = 4, TCP_DATA_OFFSET_AT = 12 };

/* Is byte `seq` in the segment at hand? */
static __always_inline bool option__is_here(const struct bpf_sock_ops *s, u32 seq) {
  const u8 *header = s->skb_data, *end = s->skb_data_end;
  if (header + TCP_HEADER_BYTES > end) return false;
  u32 first = __builtin_bswap32(*(const u32 *)(header + TCP_SEQ_AT)), header_bytes = header[TCP_DATA_OFFSET_AT] >> 4 << 2;
  return s->skb_len > header_bytes && seq - first < s->skb_len - header_bytes;
}

/* Bytes; no segment that is split on its way is as large (BIG TCP: 512 KiB). */
#define OPTION_NEAR (1u << 20)

/* Is byte `seq` where no part of the segment that carried its option can be? Then somebody on the way has changed the numbers. */
static __always_inline bool option__is_renumbered(const struct bpf_sock_ops *s, u32 seq) {
  const u8 *header = s->skb_data, *end = s->skb_data_end;
  if (header + TCP_HEADER_BYTES > end) return false;
  u32 first = __builtin_bswap32(*(const u32 *)(header + TCP_SEQ_AT));
  return seq - first + OPTION_NEAR >= 2 * OPTION_NEAR;
}

/* The segment is made. Room that is not used becomes NOPs. */
static __always_inline void option__write(struct bpf_sock_ops *s) {
  struct ready_option *r = option__ready(s);
  if (!r || !option__is_here(s, r->seq)) return;
  if (bpf_store_hdr_opt(s, &r->option, sizeof(r->option), 0)) {
    option__give_up(r, TRACE_COUNT_NO_SPACE);
    return;
  }
  if (!r->written) count(TRACE_COUNT_WRITTEN);
  r->written = 1;
}

struct option_request {
  struct witness_context cause;
  struct inbound trace;
  u64 address; /* of the head */
  u32 bytes;   /* of it that are in one piece */
  u32 whole;   /* bytes of the call, saturated */
};

/* Fills `r`, but for the order to write it. 0, or why there is nothing to write. */
static __always_inline enum kernel_counter option__prepare(struct conn *c, struct sock *sk, struct traced *t, struct option_request *q, struct ready_option *r) {
  struct tcp_sock *tp = conn__tcp(sk);
  struct knobs *k = knobs();
  struct trace_settings *settings = option__settings();
  if (!tp || !k || !settings) return TRACE_COUNT_REFUSED;
  if (!(c->flags & CONN_HAVE_ISN)) conn__name(c, sk, tp);
  u32 seq = tp_get(tp, write_seq);
  if (c->shed == SHED_ALL || !shed__keeps(c, DIRECTION_SEND, seq, k->keep_below)) return TRACE_COUNT_REFUSED; /* it has no span */
  if (q->whole + sizeof(struct trace_option) > tp_get(tp, mss_cache)) return TRACE_COUNT_TOO_LARGE;
  u64 ids = bpf_get_current_pid_tgid();
  enum kernel_counter why = trace__cause(c, ids >> 32, (u32)ids, t, &q->cause, &q->trace);
  if (why) return why;
  int told = trace__scan(q->address, q->bytes, NULL, NULL);
  if (told != TRACE_NONE) return told == TRACE_UNTOLD ? TRACE_COUNT_NO_HEAD : TRACE_COUNT_HAS_CONTEXT;
  r->armed = 0;
  r->written = 0;
  r->seq = seq;
  struct trace_option *o = &r->option;
  *o = (struct trace_option){.kind = SUTURE_OPTION_KIND, .bytes = sizeof(*o), .experiment = __builtin_bswap16(SUTURE_OPTION_EXPERIMENT),
                             .seq = __builtin_bswap32(seq), .flags = q->trace.flags};
  __builtin_memcpy(o->trace_id, q->trace.trace_id, 16);
  u32 proof = option__proof(settings, o, c->isn_own, c->isn_peer);
  __builtin_memcpy(o->proof, &proof, sizeof(o->proof));
  return 0;
}

static __always_inline bool option__wants_socket(struct sock *sk) {
  struct {
    struct trace_peer peer;
    u8 local[16];
    u16 local_port, port;
  } at = {};
  struct trace_settings *settings = option__settings();
  conn__addresses(sk, at.local, at.peer.address, &at.local_port, &at.port);
  at.peer.port = at.port;
  return settings && trace__is_wanted(settings, &at.peer);
}

static __always_inline int option__request(struct sock *sk, struct conn *c, struct traced *t, struct option_request *q) {
  u64 word = 0;
  if (q->bytes < sizeof(word) || bpf_probe_read_user(&word, sizeof(word), (void *)q->address) || head__look(word) != LOOK_REQUEST) return 0;
  struct ready_option *r = bpf_sk_storage_get(&suture_ready_options, sk, 0, 0);
  if (!r) {
    if (option__wants_socket(sk)) count(TRACE_COUNT_OLDER);
    return 0;
  }
  enum kernel_counter why = option__prepare(c, sk, t, q, r);
  /* The agent must know, or what hangs under the request would be in a trace of which it knows nothing. */
  if (!why && trace__tell(c, TRACE_WRITTEN, r->seq, r->option.flags, r->option.trace_id, &q->cause)) {
    r->armed = 1;
    return 0;
  }
  r->armed = 0;
  count(why ? why : TRACE_COUNT_REFUSED);
  return 0;
}

/* At the entry of a send, before what sees socket io has judged it. Requests that do not wait for the answer before them, and what goes
 * on with one, are left alone. Should a body look like a head, the option names a byte at which no request begins, and is forgotten. */
static __always_inline int option__send(struct sock *sk, const struct msghdr *msg) {
  if (!process__ready() || msg->msg_iter.iov_offset) return 0;
  struct traced *t = trace__process(bpf_get_current_pid_tgid() >> 32);
  struct conn *c = t ? conn__find(sk) : NULL;
  if (!c || c->verdict > VERDICT_HTTP || c->last_dir == DIRECTION_SEND || c->request_dir == DIRECTION_RECEIVE || (c->flags & CONN_COLD)) return 0;
  u64 whole = msg->msg_iter.count;
  struct source s = {};
  if (!source__of_iterator(&s, msg)) return 0;
  u64 bytes = s.bytes < whole ? s.bytes : whole;
  struct option_request q = {.bytes = bytes > SUTURE_TRACE_HEAD ? SUTURE_TRACE_HEAD : bytes, .whole = whole > 0xffff ? 0xffff : whole};
  /* Becomes a number: to the verifier of Linux 7.2 what is loaded of a void pointer is a pointer, which no function takes. */
  bpf_probe_read_kernel(&q.address, sizeof(q.address), &s.base);
  return option__request(sk, c, t, &q);
}

/* ---- the end that is asked */

/* Does the segment at hand carry one, with the byte that it is for? */
static __always_inline bool option__load(struct bpf_sock_ops *s, struct trace_option *o) {
  *o = (struct trace_option){.kind = SUTURE_OPTION_KIND, .bytes = 4, .experiment = __builtin_bswap16(SUTURE_OPTION_EXPERIMENT)};
  if (bpf_load_hdr_opt(s, o, sizeof(*o), 0) != sizeof(*o)) return false;
  u32 seq = __builtin_bswap32(o->seq);
  if (option__is_renumbered(s, seq)) count(TRACE_COUNT_RENUMBERED);
  return option__is_here(s, seq); /* else it is in another part of a split segment */
}

static __always_inline void option__read(struct conn *c, struct tcp_sock *tp, const struct trace_option *o) {
  struct trace_settings *settings = option__settings();
  struct knobs *k = knobs();
  if (!settings || !k) return;
  struct witness_context request = {.connection = c->id, .seq = __builtin_bswap32(o->seq)};
  if ((s32)(request.seq - tp_get(tp, rcv_nxt)) < 0) return; /* come before */
  if (!(c->flags & CONN_HAVE_ISN)) conn__name(c, NULL, tp);
  u32 proof = option__proof(settings, o, c->isn_peer, c->isn_own), is = 0;
  __builtin_memcpy(&is, o->proof, sizeof(o->proof));
  if ((proof & 0xffffff) != is) {
    count(TRACE_COUNT_FOREIGN);
    return;
  }
  struct event_trace *e = emit__reserve(sizeof(*e));
  if (!e) return;
  __builtin_memset(e, 0, sizeof(*e));
  e->header = (struct event_header){.type = EVENT_TRACE, .size = sizeof(*e), .time_ns = bpf_ktime_get_ns()};
  e->process_start_ns = c->process_start_ns;
  e->connection = c->id;
  e->tgid = c->tgid;
  e->seq = request.seq;
  e->what = TRACE_CARRIED;
  e->trace_flags = o->flags;
  __builtin_memcpy(e->trace_id, o->trace_id, 16);
  emit__submit(e, k);
  struct carried told = {.flags = o->flags};
  __builtin_memcpy(told.trace_id, o->trace_id, 16);
  bpf_map_update_elem(&suture_carried, &request, &told, BPF_ANY);
  count(TRACE_COUNT_READ);
}

/* A segment has come with an option that TCP does not know. */
static __always_inline void option__parse(struct bpf_sock_ops *s) {
  struct trace_option o;
  if (!option__load(s, &o)) return;
  struct bpf_sock *sk = s->sk;
  struct conn *c = sk ? option__conn(sk) : NULL;
  struct tcp_sock *tp = c ? (struct tcp_sock *)bpf_skc_to_tcp_sock(sk) : NULL;
  if (tp) option__read(c, tp, &o);
}

/* The segment that ends the handshake. Where that was lost, the first request does, and there is no record of the connection yet. */
static __always_inline void option__accept(struct bpf_sock_ops *s) {
  bpf_sock_ops_cb_flags_set(s, s->bpf_sock_ops_cb_flags | SOCK_OPS_PARSE_UNKNOWN_HDR_OPT_FLAG);
  struct trace_option o;
  if (!s->skb_data || !option__load(s, &o)) return;
  struct bpf_sock *sk = s->sk;
  struct ready_option *r = sk ? bpf_sk_storage_get(&suture_ready_options, sk, 0, BPF_SK_STORAGE_GET_F_CREATE) : NULL;
  if (r) r->option = o;
}

/* Behind what makes the record, and before a socket can be chosen. What came leaves it: to a send it would look chosen. */
static __always_inline int option__state(struct sock *sk, int new_state) {
  if (new_state != TCP_ESTABLISHED || !process__ready()) return 0;
  struct ready_option *r = bpf_sk_storage_get(&suture_ready_options, sk, 0, 0);
  if (!r) return 0;
  struct trace_option o = r->option;
  bpf_sk_storage_delete(&suture_ready_options, sk);
  struct conn *c = conn__find(sk);
  struct tcp_sock *tp = c && c->verdict <= VERDICT_HTTP ? conn__tcp(sk) : NULL;
  if (tp) option__read(c, tp, &o);
  return 0;
}

static __always_inline int option__sock_ops(struct bpf_sock_ops *s) {
  if (s->op == SOCK_OPS_ACTIVE_ESTABLISHED) option__enter(s);
  else if (s->op == SOCK_OPS_PASSIVE_ESTABLISHED) option__accept(s);
  else if (s->op == SOCK_OPS_HDR_OPT_LEN) option__reserve(s);
  else if (s->op == SOCK_OPS_WRITE_HDR_OPT) option__write(s);
  else if (s->op == SOCK_OPS_PARSE_HDR_OPT) option__parse(s);
  return 1;
}
