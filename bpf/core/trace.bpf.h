/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What the kernel knows of a request's trace when its process sends another request because of it: only where contexts are written
 * onto the wire (wire/trace.h), in objects of its own that are loaded for that and run behind the hooks of socket io.
 *
 * A request that a chosen process reads has the trace of its traceparent, or one that is drawn, of which the agent is told. What it
 * sends is for the request that exact evidence names, and for none else: a wrong context is worse than none. */
#pragma once

#define SUTURE_TRACE
#include "source.bpf.h"
#include "span_id.bpf.h"
#include "trace_scan.bpf.h"
#include "trace_values.bpf.h"
#include "walk_go.bpf.h"

static __always_inline struct traced *trace__process(u32 tgid) { return bpf_map_lookup_elem(&suture_traced, &tgid); }

/* A head in user memory, looked at in blocks: 64 bytes cost as much to read as one. Lies in a record of the ring that is thrown away
 * again: nobody else writes there, and the verifier keeps no account of what it holds, so that the loop's states stay equal. */
#define TRACE_BLOCK 64
struct trace_reader {
  u64 address;
  u32 bytes;
  u32 pad;
  u8 block[TRACE_BLOCK];
  struct trace_scan scan;
  struct trace_parent parent;
  struct trace_members members; /* its text at the end */
};

static long trace__read_byte(u64 index, struct trace_reader **reader) {
  struct trace_reader *r = *reader;
  u32 i = index;
  if (i >= r->bytes) return 1;
  if (!(i & (TRACE_BLOCK - 1))) {
    u32 n = r->bytes - i;
    BOUND(n, TRACE_BLOCK);
    if (n < 1 || bpf_probe_read_user(r->block, n, (void *)(r->address + i))) return 1;
  }
  u8 c = r->block[i & (TRACE_BLOCK - 1)], in = r->scan.in;
  if (in == FIELD_PARENT) trace_parent__step(&r->parent, c);
  if (in == FIELD_STATE) trace_members__step(&r->members, c);
  return trace_scan__step(&r->scan, i, c);
}

static __always_inline u8 trace__nibble(u8 c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 0xff; /* lower case only: W3C Trace Context 3.2.2.3 */
}

/* "00-", 32 digits, "-", 16 digits, "-", 2 digits. */
enum { TRACE_ID_AT = 3, TRACE_PARENT_AT = 36, TRACE_FLAGS_AT = 53 };

/* A function of its own, so that the verifier proves it once. 0: it is not valid (3.2.2). */
__noinline int trace__parse(const struct trace_parent *value, struct inbound *out) {
  if (!value || !out) return 0;
  const u8 *text = value->text;
  u8 version_high = trace__nibble(text[0]), version_low = trace__nibble(text[1]), version = version_high << 4 | version_low;
  if ((version_high | version_low) & 0xf0 || version == 0xff || value->bytes < TRACE_PARENT_BYTES) return 0;
  /* A later version may go on, but only behind another dash (3.2.4). */
  if (value->bytes > TRACE_PARENT_BYTES && (!version || text[TRACE_PARENT_BYTES] != '-')) return 0;
  if (text[TRACE_ID_AT - 1] != '-' || text[TRACE_PARENT_AT - 1] != '-' || text[TRACE_FLAGS_AT - 1] != '-') return 0;
  u8 any = 0, parent = 0, bad = 0;
  for (int i = 0; i < 16; i++) {
    u8 high = trace__nibble(text[TRACE_ID_AT + 2 * i]), low = trace__nibble(text[TRACE_ID_AT + 2 * i + 1]);
    bad |= (high | low) & 0xf0;
    out->trace_id[i] = high << 4 | low;
    any |= out->trace_id[i];
  }
  for (int i = 0; i < 16; i++) {
    u8 digit = trace__nibble(text[TRACE_PARENT_AT + i]);
    bad |= digit & 0xf0;
    parent |= digit;
  }
  u8 high = trace__nibble(text[TRACE_FLAGS_AT]), low = trace__nibble(text[TRACE_FLAGS_AT + 1]);
  bad |= (high | low) & 0xf0;
  out->flags = low & 3; /* sampled, random: 3.2.2.5 */
  return any && parent && !bad;
}

/* Tells the agent of the trace of a request of the current task, whose first byte is `seq`. False: there is no room. */
static __always_inline bool trace__tell(const struct conn *c, u8 what, u32 seq, u8 flags, const u8 *trace_id, const struct witness_context *cause) {
  struct task_struct *task = (void *)bpf_get_current_task_btf();
  struct knobs *k = knobs();
  struct event_trace *e = k ? emit__reserve(sizeof(*e)) : NULL;
  if (!e) return false;
  __builtin_memset(e, 0, sizeof(*e));
  e->header = (struct event_header){.type = EVENT_TRACE, .size = sizeof(*e), .time_ns = bpf_ktime_get_ns()};
  e->process_start_ns = process__start_ns(task);
  e->connection = c->id;
  e->tgid = task->tgid;
  e->tid = task->pid;
  e->seq = seq;
  e->what = what;
  e->trace_flags = flags;
  e->cause = *cause;
  __builtin_memcpy(e->trace_id, trace_id, 16);
  emit__submit(e, k);
  return true;
}

/* The request begins a trace, unless one is above it. The agent must tell the same story: no word to it, no trace. */
static __always_inline bool trace__begin(const struct conn *c, struct inbound *in) {
  struct witness_context nobody = {};
  u32 *id = (u32 *)in->trace_id;
  for (int i = 0; i < 4; i++) id[i] = bpf_get_prandom_u32();
  if (!(id[2] | id[3])) id[3] = 1;
  in->flags = 3; /* sampled, random */
  return trace__tell(c, TRACE_BEGUN, c->request_seq, in->flags, in->trace_id, &nobody);
}

enum trace_told {
  TRACE_UNTOLD = -1, /* the head is not all there, or spelled as no client does it */
  TRACE_NONE = 0,
  TRACE_INVALID = 1, /* a traceparent that is none, or several: as if there were none (3.2.2, 4.2) */
  TRACE_VALID = 2,
};

/* What the traceparent of a head of `bytes` at `address` says: enum trace_told. The trace goes to `in`, and its tracestate to the
 * map for `request`; both may be NULL where only the answer matters. */
__noinline int trace__scan(u64 address, u32 bytes, const struct witness_context *request, struct inbound *in) {
  struct trace_reader *r = bpf_ringbuf_reserve(&suture_ring, sizeof(*r), 0);
  if (!r) return TRACE_UNTOLD;
  __builtin_memset(&r->scan, 0, offsetof(struct trace_reader, members.state.text) - offsetof(struct trace_reader, scan));
  r->address = address;
  r->bytes = bytes < SUTURE_TRACE_HEAD ? bytes : SUTURE_TRACE_HEAD;
  bpf_loop(SUTURE_TRACE_HEAD, trace__read_byte, &r, 0);
  int told = TRACE_UNTOLD;
  if (r->scan.end && !r->scan.odd && r->scan.mentions == r->scan.fields) told = !r->scan.fields ? TRACE_NONE : r->scan.fields > 1 ? TRACE_INVALID : TRACE_VALID;
  if (told == TRACE_VALID && in && !trace__parse(&r->parent, in)) told = TRACE_INVALID;
  if (told == TRACE_VALID && in && request && !r->members.bad) {
    in->state = r->members.kept || r->members.full;
    r->members.state.bytes = r->members.kept;
    if (r->members.kept) bpf_map_update_elem(&suture_trace_states, request, &r->members.state, BPF_ANY);
  }
  bpf_ringbuf_discard(r, BPF_RB_NO_WAKEUP);
  return told;
}

/* An agent of the host that sent the request has told its trace. */
static __always_inline bool trace__carried(const struct witness_context *request, struct inbound *in) {
  struct carried *told = bpf_map_lookup_elem(&suture_carried, request);
  if (!told) return false;
  __builtin_memcpy(in->trace_id, told->trace_id, 16);
  in->flags = told->flags & 3;
  return true;
}

/* The head of a request that the call at hand has read. False: its trace is not surely known. */
static __always_inline bool trace__learn(const struct conn *c, const struct witness_context *request, struct inbound *in, u64 address, u32 bytes) {
  int told = trace__scan(address, bytes, request, in);
  if (told == TRACE_VALID || told == TRACE_UNTOLD) return told == TRACE_VALID;
  return trace__carried(request, in) || trace__begin(c, in);
}

/* Go: the goroutine that reads a request handles it. */
static __always_inline void trace__goroutine(u32 tgid, const struct witness_context *request) {
  struct names names;
  struct runtime *r = bpf_map_lookup_elem(&suture_runtimes, &tgid);
  if (!r || r->kind != RUNTIME_GO || go__walk(r, &names, WITNESS_REQUEST_READ) < 1) return;
  struct goroutine key = {.number = names.value[0], .tgid = tgid};
  bpf_map_update_elem(&suture_trace_goroutines, &key, request, BPF_ANY);
}

/* A chosen process has read the first bytes of a request. */
static __always_inline void trace__request(struct conn *c, struct sock *sk, u32 ret, int flags, struct traced *t) {
  struct task_struct *task = (void *)bpf_get_current_task_btf();
  struct tcp_sock *tp = conn__tcp(sk);
  if (!tp) return;
  u32 before = c->request_seq - (conn__received_end(sk, tp) - ret); /* bytes of the call that belong to what came before */
  if (before >= ret) return;
  struct source s = {};
  if (source__of_call(&s, task, (struct pt_regs *)bpf_task_pt_regs(task), DIRECTION_RECEIVE, sk) != SOURCE_FOUND) return;
  u32 bytes = s.bytes < ret ? s.bytes : ret;
  if (before >= bytes) return;
  struct inbound in = {.blocking = !(flags & MSG_DONTWAIT)};
  struct witness_context request = {.connection = c->id, .seq = c->request_seq};
  if (!trace__learn(c, &request, &in, s.base + before, bytes - before)) return;
  bpf_map_update_elem(&suture_inbound, &request, &in, BPF_ANY);
  if (t->evidence & TRACE_BY_GOROUTINE) trace__goroutine(task->tgid, &request);
}

static __always_inline bool trace__is_wanted(const struct trace_settings *settings, const struct trace_peer *peer) {
  bool address = !settings->address_count, port = !settings->port_count;
  for (u32 i = 0; i < SUTURE_TRACE_PORTS; i++)
    if (i < settings->port_count && settings->ports[i] == peer->port) port = true;
  const u64 *wanted = (const u64 *)settings->addresses, *is = (const u64 *)peer->address;
  for (u32 i = 0; i < SUTURE_TRACE_ADDRESSES; i++)
    if (i < settings->address_count && wanted[2 * i] == is[0] && wanted[2 * i + 1] == is[1]) address = true;
  return address && port;
}

/* An answer has come by HTTP/1: whoever is asked there again will be asked by HTTP/1. */
static __noinline int trace__note_peer(struct sock *sk) {
  if (!sk) return 0;
  struct {
    struct trace_peer peer;
    u8 local[16];
    u16 local_port, port;
  } at = {};
  conn__addresses(sk, at.local, at.peer.address, &at.local_port, &at.port);
  at.peer.port = at.port;
  u32 zero = 0;
  u8 yes = 1;
  struct trace_settings *settings = bpf_map_lookup_elem(&suture_trace_settings, &zero);
  if (settings && !bpf_map_lookup_elem(&suture_trace_peers, &at.peer) && trace__is_wanted(settings, &at.peer))
    bpf_map_update_elem(&suture_trace_peers, &at.peer, &yes, BPF_ANY);
  return 0;
}

/* tp_btf/sock_recv_length, behind what sees socket io: the thread's context is what it has just become. */
static __always_inline int trace__received(struct sock *sk, int ret, int flags) {
  if (ret <= 0 || (flags & (MSG_NOT_STREAM | MSG_TRUNC)) || !process__ready()) return 0;
  struct task_struct *task = (void *)bpf_get_current_task_btf();
  struct traced *t = trace__process(task->tgid);
  if (!t) return 0;
  struct conn *c = conn__find(sk);
  if (c && c->verdict == VERDICT_HTTP && c->request_dir == DIRECTION_RECEIVE && !c->shed && !(c->flags & (CONN_PIPELINED | CONN_FASTCGI))) trace__request(c, sk, ret, flags, t);
  if (c && c->verdict == VERDICT_HTTP && c->request_dir == DIRECTION_SEND && !(c->flags & CONN_FASTCGI)) trace__note_peer(sk);
  struct thread *thread = context__thread(task);
  u32 tid = task->pid;
  if (thread && thread->context.connection) bpf_map_update_elem(&suture_trace_threads, &tid, &thread->context, BPF_ANY);
  else bpf_map_delete_elem(&suture_trace_threads, &tid);
  return 0;
}

/* tp_btf/sock_send_length: a response to a request has begun. */
static __always_inline int trace__sent(struct sock *sk, int ret) {
  if (ret <= 0 || !trace__process(((struct task_struct *)bpf_get_current_task_btf())->tgid)) return 0;
  struct conn *c = conn__find(sk);
  if (!c || c->verdict != VERDICT_HTTP || c->request_dir != DIRECTION_RECEIVE) return 0;
  struct witness_context request = {.connection = c->id, .seq = c->request_seq};
  struct inbound *in = bpf_map_lookup_elem(&suture_inbound, &request);
  if (in) in->answered = 1;
  return 0;
}

/* A thread ends, or its process is another program from here on. */
static __always_inline int trace__thread_over(struct task_struct *task) {
  u32 tid = task->pid;
  bpf_map_delete_elem(&suture_trace_threads, &tid);
  return 0;
}

static __always_inline int trace__program_over(struct task_struct *task) {
  u32 tgid = task->tgid;
  bpf_map_delete_elem(&suture_traced, &tgid);
  return trace__thread_over(task);
}

/* Of a goroutine that waits for the answer, or of the one that started it. Runs in the thread that sends. */
static __always_inline bool trace__cause_by_goroutine(u32 tgid, struct witness_context *cause) {
  struct names names;
  struct runtime *r = bpf_map_lookup_elem(&suture_runtimes, &tgid);
  if (!r || r->kind != RUNTIME_GO) return false;
  int found = go__walk(r, &names, WITNESS_REQUEST_SENT);
  for (int i = 0; i < 2; i++) {
    if (i >= found) break;
    struct goroutine key = {.number = names.value[i], .tgid = tgid};
    struct witness_context *request = bpf_map_lookup_elem(&suture_trace_goroutines, &key);
    if (!request) continue;
    *cause = *request;
    return true;
  }
  return false;
}

/* For which request the running thread is about to send one on `c`, and the trace of that. 0, or the counter that says why it is not
 * known. May be called where programs cannot look into tasks; not in softirq. */
static __always_inline enum kernel_counter trace__cause(const struct conn *c, u32 tgid, u32 tid, const struct traced *t, struct witness_context *cause,
                                                        struct inbound *trace) {
  struct witness_context bound = {}, thread = {};
  if (c->flags & CONN_BOUND) bound = c->owner;
  struct witness_context *context = bpf_map_lookup_elem(&suture_trace_threads, &tid);
  if (context) thread = *context;
  *cause = thread;
  bool by_thread = t->evidence & TRACE_BY_THREAD;
  if (t->evidence & TRACE_BY_GOROUTINE) {
    if (!trace__cause_by_goroutine(tgid, cause)) return TRACE_COUNT_NO_CAUSE;
    by_thread = false;
  } else if (t->evidence & TRACE_BY_LAST_READ) {
    if (witness_context_tells(bound)) *cause = bound;
    by_thread = false;
  } else if (!by_thread) {
    return TRACE_COUNT_NOT_EXACT;
  } else if (witness_context_tells(bound) && (bound.connection != thread.connection || bound.seq != thread.seq)) {
    return TRACE_COUNT_NOT_EXACT; /* one thread has connected, and another one sends */
  }
  if (!cause->connection) return TRACE_COUNT_NO_CAUSE;
  cause->pad = 0;
  struct inbound *in = bpf_map_lookup_elem(&suture_inbound, cause);
  if (!in) return TRACE_COUNT_UNREAD;
  if (in->answered) return TRACE_COUNT_ANSWERED;
  if (by_thread && !in->blocking) return TRACE_COUNT_NOT_EXACT;
  *trace = *in;
  return 0;
}
