/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Every map of suture, the reason for its size, and what happens when it is full. The agent loads one object per
 * mechanism and makes them share these maps by name. */
#pragma once

#include "kernel.bpf.h"

#include "wire/event.h"
#include "wire/knobs.h"
#include "wire/limits.h"
#include "wire/runtime.h"
#include "wire/trace.h"

/* 5.10 refuses the BTF of an object whose .rodata has no variable. */
const volatile unsigned int suture_object = 1;

#define START_BYTES 12 /* "GET / HTTP/1" or "HTTP/1.1 200": no message is shorter, and both are told by as much */

/* Where the records of a FastCGI request stand, while those that tell of it are copied. */
struct records {
  u64 header; /* what has come of the next record's header */
  u32 left;   /* bytes of the present record's content and padding that have not come */
  u32 have;   /* bytes of `header` */
};

/* First bytes of a message that arrives in pieces shorter than START_BYTES. */
struct stash {
  union {
    u8 bytes[2 * START_BYTES]; /* START_BYTES count; twice as many, so that a read at `len` always fits for the verifier */
    struct records records;    /* once a FastCGI request has begun: then nothing is stashed */
  };
  u64 since_ns;              /* when the first of them moved */
  u32 seq;                   /* of the first */
  u8 len;
  u8 after_turn;             /* 1: the first came right after a turn, where messages begin; else it may well be body */
  u8 pad[2];
};

/* What is known of one connection. The kernel's share of it: names and framing live in the agent. */
struct conn {
  u64 id;                    /* 0: not complete yet */
  u64 last_ns[2];
  u64 told_ns[2];            /* last_ns in the last edge event. Where they differ, bytes moved that no edge event told of */
  u64 process_start_ns;      /* process that opened it, or used it first */
  u32 tgid, tid;
  u32 made;                  /* whoever sets it fills the record */
  u32 copied_to;             /* sends seen at entry: the end of what has left; the call may come again for want of room */
  u16 need[2];               /* bytes of a head that may still be copied; 0: no head is under way */
  u8 match[2];               /* how much of CR LF CR LF the copied bytes end with */
  u8 verdict, misses;
  u8 last_dir;               /* direction of the last operation; 2: none yet */
  u8 request_dir;            /* direction of requests; 2: not known */
  u8 interim;                /* enum conn_interim: of the response head that is under way */
  u16 flags;                 /* enum conn_flags */
  u8 role;
  u8 peer_closed;
  u16 error;                 /* with CONN_ENDED: errno that the socket ended with */
  u8 plain;                  /* requests that came alone, up to PLAIN_ENOUGH */
  u8 tail_misses;            /* looks for the end of a chunked body in vain, up to TAILS_ENOUGH */
  u8 tail_skips;             /* since the last look */
  u8 one_way;                /* chunks in one direction of a connection that is older than we, up to ONE_WAY_ENOUGH */
  u8 shed;                   /* enum conn_shed */
  u8 alone;                  /* requests of a pipelined connection that came after an answer, one by one, up to ALONE_ENOUGH */
  u8 has_body;               /* the request has bytes behind its head's record */
  u8 noted[2];               /* noted_end is that of the last operation */
  u32 noted_end[2];          /* where the bytes end that last_ns is the time of */
  u32 kept_end[2];           /* while shed: where the bytes end that were reported */
  u64 opened_ns, established_ns;
  u64 reported_ns;           /* last edge event */
  u64 cold_ns;               /* entry of the send whose bytes are read when it returns */
  u32 cold_seq, cold_done;   /* where it began, and how many of its bytes could be read at entry */
  u32 cold_tid;              /* who sends */
  u32 isn_own, isn_peer;
  u32 request_seq;           /* first byte of the request that began last */
  struct witness_context owner; /* of what is sent: the request for which it was sent, as the thread's context told */
  u32 sent_end;              /* with CONN_FIN_SENT: where the payload ended */
  struct stash stash[2];
};

enum conn_flags {
  CONN_ANNOUNCED = 1, /* CONNECTION_OPEN is in the ring */
  CONN_PIPELINED = 2, /* two messages began without a turn: chunks are copied whole */
  CONN_FASTCGI = 4,   /* not HTTP/1: the records of FastCGI, one request at a time */
  CONN_COLD = 8,      /* cold_seq waits to be read when the send returns */
  CONN_HAVE_ISN = 16,
  CONN_FIN_SENT = 32,
  CONN_ENDED = 64,    /* reached CLOSE with bytes that its process can still read, or is just reading: CLOSED follows when the socket goes */
  CONN_BEGAN = 128,   /* a message began in the operation at hand */
  CONN_BOUND = 256,   /* owner is that of the connect; no request was sent yet */
  CONN_NAMED = 512,   /* a walk has found who waits for the answer to what was sent last */
  CONN_WRITTEN = 1024, /* our own program has put a header line into the first send, which its process does not count */
};

/* What became of the last exchange that began. */
enum conn_shed {
  SHED_NOT = 0,
  SHED_NOW = 1, /* it is not reported; what is known of the connection stands where it began */
  SHED_ALL = 2, /* nor is any that follows: requests came without waiting for answers, so nobody knows whose the next is */
};

/* 1xx: 100 and 103 announce another head in the same direction, 101 ends HTTP (RFC 9110 15.2). */
enum conn_interim { INTERIM_NOT = 0, INTERIM_MORE = 1, INTERIM_UPGRADE = 2 };

#ifdef SUTURE_NO_CONNECTIONS /* process life knows none, and fits both kinds of record */
#elif defined(SUTURE_SOCK_BY_ADDRESS)
/* Keyed by the socket's address; entries leave when the socket reaches CLOSE. 65 536 connections at 240 bytes are
 * 16 MB, taken only as used. Full: the connection is not seen, storage_failed counts it. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 65536);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, u64);
  __type(value, struct conn);
} suture_conns SEC(".maps");
#else
/* Lives and dies with the socket: no size to choose, nothing to evict. */
struct {
  __uint(type, BPF_MAP_TYPE_SK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct conn);
} suture_conns SEC(".maps");
#endif

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, SUTURE_RING_BYTES);
} suture_ring SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, 1);
  __type(key, u32);
  __type(value, struct knobs);
} suture_knobs SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, SUTURE_CPUS_MAX);
  __type(key, u32);
  __type(value, struct counter_slot);
} suture_counts SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, 1);
  __type(key, u32);
  __type(value, struct process_marks);
} suture_marks SEC(".maps");

/* How to find the waiting requests of a process, by tgid. 4096 processes of such runtimes on one host are many; those beyond
 * have no witness of this kind, and their requests stay without parents. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 4096);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, u32);
  __type(value, struct runtime);
} suture_runtimes SEC(".maps");

/* Lives and dies with the thread. Where it cannot be had (no memory), the thread has no context. */
struct thread {
  struct witness_context context;
  struct witness_context token; /* request sent that nobody owns, whose answer the thread read last; then there is no context */
  u64 token_ns;                 /* when it read that */
  u64 slept_ns;                 /* when it went to sleep last, as far as anybody looked */
  struct witness_context started_for; /* what whoever started it worked on; none once it has read a request itself */
  u8 token_passed;              /* another thread has read that answer */
  u8 sent;                      /* a request, while started_for is set */
  u8 answered;                  /* the thread itself has answered what its context names */
  u8 pad[5];
  u64 ran_ns;                   /* since when it has been awake; 0: it sleeps, or nobody has looked */
};
struct {
  __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct thread);
} suture_threads SEC(".maps");

/* Connections of the agent itself as their other end names them, so that the other end is ignored too. The agent has a
 * handful; least recently used leave first, and then the rule for OTLP paths still holds. */
struct endpoint_pair {
  u8 local[16], remote[16];
  u16 local_port, remote_port;
};
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 1024);
  __type(key, struct endpoint_pair);
  __type(value, u8);
} suture_self SEC(".maps");

#ifdef SUTURE_TRACE /* only in objects that are loaded where trace context is written onto the wire */
/* What was read of a request's trace, by connection and first byte. */
struct inbound {
  u8 trace_id[16];
  u8 flags;    /* of its traceparent */
  u8 blocking; /* read by a call that would have waited */
  u8 answered; /* a response to it has begun: what is sent from here on is sent for nobody */
  u8 state;    /* it came with a tracestate, and here it is, or was too long to keep */
  u8 pad[4];
};
/* 65 536 requests that are handled at once, by chosen processes, are many. Least recently used leave first; what is sent for
 * them then carries no context. */
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 65536);
  __type(key, struct witness_context);
  __type(value, struct inbound);
} suture_inbound SEC(".maps");

/* The tracestate of those of them that came with one, its fields put together. Least recently used leave first: what is sent for them
 * carries a traceparent alone. */
struct trace_state {
  u32 bytes;
  u8 text[SUTURE_TRACE_STATE];
};
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 4096);
  __type(key, struct witness_context);
  __type(value, struct trace_state);
} suture_trace_states SEC(".maps");
/* What other hosts' agents have told of requests that have come, or are about to be read: least recently used leave first. */
struct carried {
  u8 trace_id[16];
  u8 flags; /* W3C */
  u8 pad[7];
};
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 16384);
  __type(key, struct witness_context);
  __type(value, struct carried);
} suture_carried SEC(".maps");

/* suture_threads' context, where programs can look that may not look into tasks: by tid. */
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 65536);
  __type(key, u32);
  __type(value, struct witness_context);
} suture_trace_threads SEC(".maps");

/* The request that a goroutine read last. */
struct goroutine {
  u64 number;
  u32 tgid;
  u32 pad;
};
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 65536);
  __type(key, struct goroutine);
  __type(value, struct witness_context);
} suture_trace_goroutines SEC(".maps");

/* Processes whose requests are to carry a context, by tgid. Those beyond 4096 are not chosen. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 4096);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, u32);
  __type(value, struct traced);
} suture_traced SEC(".maps");

/* Servers that chosen processes speak HTTP/1 to, as their answers show. */
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 4096);
  __type(key, struct trace_peer);
  __type(value, u8);
} suture_trace_peers SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, u32);
  __type(value, struct trace_settings);
} suture_trace_settings SEC(".maps");
#endif

static __always_inline struct knobs *knobs(void) {
  u32 zero = 0;
  return bpf_map_lookup_elem(&suture_knobs, &zero);
}

/* Atomic though per CPU: a softirq's state change may interrupt a system call's program between load and store, and the
 * ledger is exact or it is nothing. An uncontended lock prefix costs about 6 ns. */
static __always_inline struct counter_slot *counts(void) {
  u32 cpu = bpf_get_smp_processor_id();
  return bpf_map_lookup_elem(&suture_counts, &cpu);
}

static __always_inline void count(enum kernel_counter what) {
  struct counter_slot *slot = counts();
  if (slot) __sync_fetch_and_add(&slot->count[what], 1);
}
