/* SPDX-License-Identifier: Apache-2.0 OR BSD-2-Clause OR GPL-2.0 */
/* What kernel and agent share where trace context is written onto the wire (suture run --propagate): whose requests, on what
 * evidence, and the key of ids. Without it none of this is in the kernel. Plain C. */
#ifndef SUTURE_WIRE_TRACE_H
#define SUTURE_WIRE_TRACE_H

#include "event.h"

/* What is exact in one process: how a request that it sends is known to be for one that it received. The agent decides
 * (agent/link/), as its audit does; a process that is chosen, and of which nothing is exact, has 0. */
enum trace_evidence {
  TRACE_BY_THREAD = 1,    /* a thread that read a request by a call that waits sends for that one until it is answered */
  TRACE_BY_LAST_READ = 2, /* whatever was read last, by whatever call: each callback of its loop reads before it sends */
  TRACE_BY_GOROUTINE = 4, /* the goroutine that waits for the answer, or the one that started it, read the request */
};

/* Value of suture_traced, by tgid. */
struct traced {
  __suture_u32 evidence; /* enum trace_evidence */
};

/* Bytes of a request's head that are looked at for a context; what is longer is left alone. */
#define SUTURE_TRACE_HEAD 4096

/* Of a header line that is inserted: "traceparent: ", 55 characters, CR LF. */
#define SUTURE_TRACE_LINE 70

/* Of a tracestate that is handed on, at most, without the members that do not fit (W3C Trace Context 3.3.1.5: at least 512); and of a
 * second header line with it: "tracestate:", CR LF. */
#define SUTURE_TRACE_STATE 512
#define SUTURE_TRACE_TEXT (SUTURE_TRACE_LINE + 11 + SUTURE_TRACE_STATE + 2)

#define SUTURE_TRACE_PORTS 16
#define SUTURE_TRACE_ADDRESSES 32

/* Of suture_trace_settings, written before anything is attached. */
struct trace_settings {
  __suture_u64 id_key[2]; /* the key of span ids (agent/trace/span_id.h), its 16 bytes as they are in memory */
  /* Only requests to these: none means any. */
  __suture_u8 addresses[SUTURE_TRACE_ADDRESSES][16]; /* IPv4 in the first 4 bytes */
  __suture_u16 ports[SUTURE_TRACE_PORTS];
  __suture_u32 address_count, port_count;
};

/* A server that has answered a chosen process by HTTP/1. */
struct trace_peer {
  __suture_u8 address[16]; /* IPv4 in the first 4 bytes */
  __suture_u32 port;       /* host byte order */
};

/* A request's trace as a TCP option (suture run --propagate tcp): an experiment of ours, RFC 6994, on the segment with the request's
 * first byte. Timestamps leave 28 bytes for it. Segments may be split on their way, each with a copy: `seq` says which byte is meant. */
#define SUTURE_OPTION_KIND 254
#define SUTURE_OPTION_EXPERIMENT 0x5355
struct trace_option {
  __suture_u8 kind, bytes;
  __suture_u16 experiment;  /* big endian */
  __suture_u8 trace_id[16];
  __suture_u32 seq;         /* of the request's first byte; big endian */
  __suture_u8 flags;        /* W3C */
  __suture_u8 proof[3];     /* of all this and of the connection's name, by the key of ids: both ends derive the same ids, or nothing is read */
};

SUTURE_STATIC_ASSERT(sizeof(struct trace_option) == 28, "wire layout");
SUTURE_STATIC_ASSERT(sizeof(struct traced) == 4, "wire layout");
SUTURE_STATIC_ASSERT(sizeof(struct trace_settings) == 16 + 16 * SUTURE_TRACE_ADDRESSES + 2 * SUTURE_TRACE_PORTS + 8, "wire layout");
SUTURE_STATIC_ASSERT(sizeof(struct trace_peer) == 20, "wire layout");

#endif
