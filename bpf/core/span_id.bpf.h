/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Span ids as agent/trace/span_id.cpp derives them: what is written here into a message names the span that the agent exports. */
#pragma once

#include "maps.bpf.h"

struct siphash { /* SipHash-2-4 (Aumasson and Bernstein, 2012) */
  u64 v0, v1, v2, v3;
};

#define SPAN_ID_ROTL(x, bits) ((x) << (bits) | (x) >> (64 - (bits)))

static __always_inline void siphash__round(struct siphash *s) {
  s->v0 += s->v1;
  s->v1 = SPAN_ID_ROTL(s->v1, 13) ^ s->v0;
  s->v0 = SPAN_ID_ROTL(s->v0, 32);
  s->v2 += s->v3;
  s->v3 = SPAN_ID_ROTL(s->v3, 16) ^ s->v2;
  s->v0 += s->v3;
  s->v3 = SPAN_ID_ROTL(s->v3, 21) ^ s->v0;
  s->v2 += s->v1;
  s->v1 = SPAN_ID_ROTL(s->v1, 17) ^ s->v2;
  s->v2 = SPAN_ID_ROTL(s->v2, 32);
}

static __always_inline void siphash__absorb(struct siphash *s, u64 word) {
  s->v3 ^= word;
  siphash__round(s);
  siphash__round(s);
  s->v0 ^= word;
}

static __always_inline struct siphash siphash__begin(const struct trace_settings *settings) {
  u64 k0 = settings->id_key[0], k1 = settings->id_key[1];
  return (struct siphash){k0 ^ 0x736f6d6570736575ull, k1 ^ 0x646f72616e646f6dull, k0 ^ 0x6c7967656e657261ull, k1 ^ 0x7465646279746573ull};
}

static __always_inline u64 siphash__end(struct siphash *s) {
  s->v2 ^= 0xff;
  for (int i = 0; i < 4; i++) siphash__round(s);
  return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

enum { SPAN_ID_SEQUENCE_NUMBERS = 1, SPAN_ID_CLIENT = 3, SPAN_ID_BYTES = 18 };

/* The id of the client span of the request whose first byte has `position` (0: the first after the handshake), on the connection whose
 * initial sequence numbers are these, as its sender has them. In the order in which it is written. */
static __always_inline u64 span_id__of_client(const struct trace_settings *settings, u32 isn_own, u32 isn_peer, u64 position) {
  struct siphash s = siphash__begin(settings);
  u64 name = __builtin_bswap64((u64)isn_own << 32 | isn_peer), where = __builtin_bswap64(position);
  siphash__absorb(&s, (u64)SPAN_ID_SEQUENCE_NUMBERS | (u64)SPAN_ID_CLIENT << 8 | name << 16);
  siphash__absorb(&s, name >> 48 | where << 16);
  siphash__absorb(&s, where >> 48 | (u64)SPAN_ID_BYTES << 56);
  u64 hash = siphash__end(&s);
  return __builtin_bswap64(hash ? hash : 1);
}
