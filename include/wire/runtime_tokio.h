/* SPDX-License-Identifier: Apache-2.0 OR BSD-2-Clause OR GPL-2.0 */
/* What struct runtime says of a Rust process with tokio: agent/runtime/tokio.cpp finds it, bpf/core/walk_tokio.bpf.h walks by it
 * and learns the rest. Plain C. */
#ifndef SUTURE_WIRE_RUNTIME_TOKIO_H
#define SUTURE_WIRE_RUNTIME_TOKIO_H

#define SUTURE_TOKIO_SERVERS 2
#define SUTURE_TOKIO_SLOTS 6
#define SUTURE_TOKIO_HOLDERS 4
#define SUTURE_TOKIO_HOPS 6

enum tokio_address {
  TOKIO_WAKER = 0, /* tokio::runtime::task::waker::WAKER_VTABLE: it stands before the task's address wherever a task is to be woken */
  /* Written by the walk: the tables (tokio::runtime::task::raw::Vtable) of tasks that read requests, one per kind of server;
   * and the last task by which it looked for TOKIO_CURRENT. */
  TOKIO_SERVERS = 1,
  TOKIO_LAST_ID = 3,
  TOKIO_HELD = 4, /* the tables of spawned tasks that others wait for, one after the other; as many as SUTURE_TOKIO_HOLDERS */
};

enum tokio_offset {
  TOKIO_CONTEXT = 0,       /* back from the thread pointer to tokio::runtime::context::CONTEXT */
  TOKIO_CONTEXT_BYTES = 1, /* its size */
  TOKIO_HEADER = 2,        /* three words in a task: its state, another, its Vtable */
  TOKIO_TABLE = 3,         /* three words in a Vtable: where a task's Trailer is, another, where its number is */
  TOKIO_JOIN_WAKER = 4,    /* waker in a task's Trailer */
  TOKIO_CHANNEL = 5,       /* seven words in a sync::oneshot: strong and weak references, tx_task, rx_task, its state */
  /* Written by the walk. 0: not known. */
  TOKIO_SLOT = 9,      /* back from the stack's end to where the running task is named; as many as SUTURE_TOKIO_SLOTS */
  TOKIO_CURRENT = 16,  /* current_task_id in CONTEXT, plus 8 */
  TOKIO_SUPPOSED = 17, /* what may be it */
  TOKIO_SEEN = 18,     /* for how many tasks in turn that was so */
  TOKIO_STAGE = 19,    /* in the task of a client's connection: its future, which is in a box */
  TOKIO_CALLBACK = 20, /* in the future: the channel to who waits, plus 8 */
  TOKIO_LOOKED = 21,   /* how often it looked */
  TOKIO_HINT = 22,     /* the slot that was right last: for a request that was read, and otherwise */
  TOKIO_HOLDER = 24,   /* of each of TOKIO_HELD, enum tokio_holder: where those who wait for it keep what they will await next */
};

/* From the task that waits: by pointers to the future that has an iterator over JoinHandles. */
enum tokio_holder {
  TOKIO_HOLDER_LOOKED = 0, /* how often it looked */
  TOKIO_HOLDER_NEXT = 1,   /* in that future: the iterator's next element, plus 8; 0: not known */
  TOKIO_HOLDER_HOPS = 2,   /* of each pointer: where it stands, plus 8; 0: there is none. As many as SUTURE_TOKIO_HOPS */
  TOKIO_HOLDER_WORDS = 8,
};

#endif
