/* SPDX-License-Identifier: Apache-2.0 OR BSD-2-Clause OR GPL-2.0 */
/* What the agent sets in the kernel programs (knobs), and what they count (counters). Both live in mmapable arrays, so
 * that they stay in reach after the agent has dropped its capabilities. Plain C. */
#ifndef SUTURE_WIRE_KNOBS_H
#define SUTURE_WIRE_KNOBS_H

#include "event.h"
#include "limits.h"

/* One instance, written by the agent but for the words marked "kernel". */
struct knobs {
  __suture_u32 ready;     /* 0: every program returns at once; set when all hooks are attached */
  __suture_u32 self_tgid; /* the agent, in the initial PID namespace */
  __suture_u64 edge_interval_ns; /* a connection that is not HTTP is reported by sweeps once in so long */
  /* Share of exchanges that are reported, of 2^32: those whose hash lies below. All ones: every one. */
  __suture_u32 keep_below;
  __suture_u32 pad0[11];
  __suture_u32 woken;        /* kernel sets 1 when it wakes the consumer, the agent clears it before it drains */
  __suture_u32 cold_pending; /* kernel: sends whose bytes are still to be read when the call returns */
  __suture_u64 connections;  /* kernel: last connection name given out */
  __suture_u32 lost;         /* kernel: times that the ring was full. Wraps */
  __suture_u32 lost_told;    /* kernel: `lost` when an event said so last */
  __suture_u32 pad1[10];
};

/* What is known of a process, a bit each; nothing of one that the agent has not met yet, so that a process of 50 ms is seen. */
enum process_mark {
  PROCESS_DENIED = 1,     /* not looked at */
  PROCESS_RUNTIME = 2,    /* suture_runtimes knows it; here, as asking there costs 20 ns */
  PROCESS_HANDS_OVER = 4, /* its threads send requests for each other: who wakes whom matters */
  PROCESS_WORKS = 8,      /* kernel: a thread of it may have state in suture_threads. Stays with the number */
};

#define SUTURE_MARK_BITS 4

/* By process id. All marks of one in one word: each look at another word is a miss of the TLB. */
struct process_marks {
  __suture_u64 word[SUTURE_PID_MAX * SUTURE_MARK_BITS / 64];
};

/* Per CPU, so that counting never shares a cache line. X(enumerator, name in ledgers).
 * An event that ought to leave is counted as emitted, or as refused and under the reason why: refused = the sum of the
 * drops, and seen = emitted + refused, exactly. A shed exchange counts once, at its request.
 * TRACE_COUNT_*: requests of chosen processes that were to carry a context (wire/trace.h): written, or why not. */
#define SUTURE_KERNEL_COUNTERS(X)                   \
  X(COUNT_REFUSED, "refused")                       \
  X(COUNT_EMITTED, "emitted")                       \
  X(DROP_RING_FULL, "ring_full")                    \
  X(DROP_STORAGE_FAILED, "storage_failed")          \
  X(DROP_NOT_READABLE, "not_readable")              \
  X(DROP_IO_URING, "io_uring")                      \
  X(DROP_32_BIT, "32_bit_process")                  \
  X(DROP_CALL_KIND, "call_kind")                    \
  X(DROP_SHED, "shed")                              \
  X(COUNT_HEAD_TOO_LONG, "head_too_long")           \
  X(COUNT_CHUNK_TOO_LONG, "pipelined_chunk_too_long") \
  X(COUNT_CONNECTIONS, "connections")               \
  X(COUNT_NOT_HTTP, "connections_not_http")         \
  X(COUNT_COLD, "read_after_call")                  \
  X(COUNT_WAKEUPS, "wakeups")                       \
  X(TRACE_COUNT_WRITTEN, "written")                 \
  X(TRACE_COUNT_NO_CAUSE, "no_cause")               \
  X(TRACE_COUNT_NOT_EXACT, "not_exact")             \
  X(TRACE_COUNT_ANSWERED, "answered")               \
  X(TRACE_COUNT_UNREAD, "unread")                   \
  X(TRACE_COUNT_HAS_CONTEXT, "has_context")         \
  X(TRACE_COUNT_NO_HEAD, "no_head")                 \
  X(TRACE_COUNT_NO_ROOM, "no_room")                 \
  X(TRACE_COUNT_REFUSED, "refused")                 \
  X(TRACE_COUNT_ENTERED, "entered")                 \
  X(TRACE_COUNT_LEFT, "left")                       \
  X(TRACE_COUNT_TOO_LARGE, "too_large")             \
  X(TRACE_COUNT_NO_SPACE, "no_space")               \
  X(TRACE_COUNT_OLDER, "older_connection")          \
  X(TRACE_COUNT_READ, "read")                       \
  X(TRACE_COUNT_FOREIGN, "foreign")                 \
  X(TRACE_COUNT_RENUMBERED, "renumbered")           \
  X(TRACE_COUNT_STATE_LEFT, "state_left_out")

enum kernel_counter {
#define X(enumerator, name) enumerator,
  SUTURE_KERNEL_COUNTERS(X)
#undef X
  KERNEL_COUNTERS,
};

#define SUTURE_COUNTER_SLOT 40 /* numbers per CPU: 320 bytes, five cache lines */
SUTURE_STATIC_ASSERT((int)KERNEL_COUNTERS <= SUTURE_COUNTER_SLOT, "a wider slot is needed");
SUTURE_STATIC_ASSERT(sizeof(struct knobs) == 128, "wire layout");

struct counter_slot {
  __suture_u64 count[SUTURE_COUNTER_SLOT];
};

#endif
