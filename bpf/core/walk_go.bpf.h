/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Go, net/http: which goroutine waits for the response to a request.
 *
 * A server's goroutine reads a request, handles it and writes the response: its number is the request's name. A client's
 * request is written and its response read by two goroutines of the connection, writeLoop and readLoop, which know nobody;
 * but the one that called RoundTrip waits on a channel:
 *
 *   g (r14) -> stack.hi -> a word of the loop's first frame = *persistConn
 *     -> reqch (hchan of one element) -> buf[0].ch (hchan) -> recvq.first (sudog) -> g -> goid, parentGoid
 *
 * The first frame lies at a constant distance from the end of a goroutine's stack, whatever is called from it. Which word of
 * it holds the persistConn is for the compiler to choose: learned by looking at each once, and kept in the process's struct
 * runtime. Where no such connection is found, a client that writes in the caller's goroutine is at work (fasthttp, a plain
 * socket), and that goroutine's number is the name. */
#pragma once

#include "walk.bpf.h"

enum {
  GO_STACK_WORDS = 128, /* at the end of the stack that are looked at: the first frame and a little of what it calls */
  GO_LOOKS = 256,       /* requests sent by something else before nobody looks at all words any more */
  GO_CHANNEL_COUNT = 0, GO_CHANNEL_SIZE = 1, GO_CHANNEL_BUFFER = 2, GO_CHANNEL_ELEMENT = 3, /* first words of hchan, since Go 1.0 */
};

/* Numbers of goroutines are small; heap addresses, the likeliest thing to be found in their place, are not. */
static __always_inline bool go__is_number(u64 goid) {
  return goid - 1 < 1ull << 38;
}

/* The goroutine's own number and its creator's. False: this is none. */
static __always_inline bool go__numbers(const struct runtime *r, u64 g, u64 *goid, u64 *parent) {
  *goid = walk__word(g + r->offset[GO_GOID]);
  *parent = r->offset[GO_PARENT_GOID] ? walk__word(g + r->offset[GO_PARENT_GOID]) : 0;
  if (!go__is_number(*parent)) *parent = 0;
  return go__is_number(*goid);
}

/* Is `pc` a persistConn? Then *call is its queue's one requestAndChan, 0: the queue is empty. */
static __always_inline bool go__connection(const struct runtime *r, u64 pc, u64 *call) {
  u64 channel[4];
  if (!pc || pc & 7) return false;
  u64 queue = walk__word(pc + r->offset[GO_REQCH]);
  if (!queue || queue & 7 || bpf_probe_read_user(channel, sizeof(channel), (void *)queue)) return false;
  if (channel[GO_CHANNEL_SIZE] != 1 || (channel[GO_CHANNEL_ELEMENT] & 0xffff) != r->offset[GO_CALL_BYTES]) return false;
  if (channel[GO_CHANNEL_COUNT] > 1 || !channel[GO_CHANNEL_BUFFER]) return false;
  *call = channel[GO_CHANNEL_COUNT] ? channel[GO_CHANNEL_BUFFER] : 0;
  return true;
}

/* The persistConn in the first frame of the stack that ends at `top`, whose loop `which` is. */
static __always_inline bool go__find(struct runtime *r, u64 top, u32 which, u64 *call) {
  u32 known = r->offset[which];
  if (known && go__connection(r, walk__word(top - known), call)) return true;
  if (r->offset[GO_LOOKED] >= GO_LOOKS) return false;
  r->offset[GO_LOOKED]++;
  for (u32 at = 8; at <= 8 * GO_STACK_WORDS; at += 8) {
    u64 word = walk__word(top - at);
    if (word >> 32 == 0 || word >> 48 || !go__connection(r, word, call)) continue;
    r->offset[which] = at;
    return true;
  }
  return false;
}

/* A function of its own, so that the verifier proves it once. Returns how many names. */
__noinline int go__walk(struct runtime *r, struct names *names, u8 point) {
  if (!r || !names) return 0;
  struct pt_regs *regs = walk__registers();
  u64 g = regs->r14, sp = regs->sp, stack[2];
  /* r14 is g in all of Go's code since 1.17; elsewhere (cgo) it is anything. */
  if (g & 7 || bpf_probe_read_user(stack, sizeof(stack), (void *)g) || sp < stack[0] || sp >= stack[1]) return 0;
  if (point == WITNESS_REQUEST_SENT || point == WITNESS_RESPONSE_READ) {
    u64 call = 0;
    if (go__find(r, stack[1], point == WITNESS_REQUEST_SENT ? GO_WRITE_LOOP : GO_READ_LOOP, &call)) {
      u64 channel = call ? walk__word(call + r->offset[GO_CALL_CHANNEL]) : 0;
      u64 waiter = channel ? walk__word(channel + r->offset[GO_RECEIVERS]) : 0;
      g = waiter ? walk__word(waiter + r->offset[GO_WAITER]) : 0;
      if (!g) return 0; /* not asked yet, or not waiting yet */
    } else if (point == WITNESS_RESPONSE_READ) {
      return 0;
    }
  }
  u64 goid, parent;
  if (!go__numbers(r, g, &goid, &parent)) return 0;
  names->value[0] = goid;
  if (point == WITNESS_REQUEST_READ || !parent) return 1;
  names->value[1] = parent;
  return 2;
}
