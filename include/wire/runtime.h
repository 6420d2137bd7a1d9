/* SPDX-License-Identifier: Apache-2.0 OR BSD-2-Clause OR GPL-2.0 */
/* How the waiting requests of one process are found: which runtime it is, and where that runtime keeps things. The agent
 * writes one per process that has such a runtime; the kernel programs walk by it, and note what they learn. Plain C. */
#ifndef SUTURE_WIRE_RUNTIME_H
#define SUTURE_WIRE_RUNTIME_H

#include "event.h"

enum runtime_kind {
  RUNTIME_NONE = 0,
  RUNTIME_GO = 1,      /* bpf/core/walk_go.bpf.h */
  RUNTIME_CPYTHON = 2, /* bpf/core/walk_cpython.bpf.h */
  RUNTIME_TOKIO = 3,   /* bpf/core/walk_tokio.bpf.h */
};

#define SUTURE_RUNTIME_ADDRESSES 8
#define SUTURE_RUNTIME_OFFSETS 60

struct runtime {
  __suture_u32 kind;    /* enum runtime_kind */
  __suture_u32 version; /* the runtime's own, as its walk numbers it */
  __suture_u64 address[SUTURE_RUNTIME_ADDRESSES]; /* in the process's memory; what each is says the walk */
  __suture_u32 offset[SUTURE_RUNTIME_OFFSETS];    /* bytes; what each is says the walk */
};

/* struct runtime's offset[] of RUNTIME_GO. version: 1000 * major + minor. */
enum go_offset {
  GO_GOID = 0,         /* in g */
  GO_PARENT_GOID = 1,  /* in g; 0: not kept before Go 1.21 */
  GO_REQCH = 2,        /* in net/http.persistConn */
  GO_CALL_BYTES = 3,   /* sizeof(net/http.requestAndChan) */
  GO_CALL_CHANNEL = 4, /* ch in requestAndChan */
  GO_RECEIVERS = 5,    /* recvq.first in hchan */
  GO_WAITER = 6,       /* g in sudog */
  /* Written by the walk: bytes from the end of the stack to the persistConn, 0: not known; and how often it looked. */
  GO_READ_LOOP = 16,
  GO_WRITE_LOOP = 17,
  GO_LOOKED = 18,
};

SUTURE_STATIC_ASSERT(sizeof(struct runtime) == 8 + 8 * SUTURE_RUNTIME_ADDRESSES + 4 * SUTURE_RUNTIME_OFFSETS, "wire layout");

#endif
