/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The end of a response whose length no head tells, looked for in the last bytes of a call: of a chunked body the last
 * chunk, of FastCGI the record that ends a request. */
#pragma once

#include "fastcgi.bpf.h"

/* The range of a vector that holds the call's last byte: where that byte ends, and how many of the range's bytes the call
 * has moved. A call may have moved less than the vector holds. */
#define TAIL_RANGES 4 /* in one read; Node's chunk is four: size, data, CR LF, last chunk */
#define TAIL_READS 2  /* and not all at once: the stack is small */
static __always_inline bool tail__range(const struct op *o, u64 *end, u64 *bytes) {
  struct iovec v[TAIL_RANGES] = {};
  u64 ranges = o->source.ranges;
  if (!o->source.vector || ranges < 2 || ranges > 1024) return false;
  if (o->source.kernel) { /* at entry the call has all of it to move */
    if (bpf_probe_read_kernel(v, sizeof(v[0]), (void *)(o->source.vector + (ranges - 1) * sizeof(struct iovec)))) return false;
    *bytes = v[0].iov_len;
    *end = (u64)v[0].iov_base + *bytes;
    return true;
  }
  u64 left = o->bytes;
  for (u64 first = 0; first < TAIL_READS * TAIL_RANGES && first < ranges; first += TAIL_RANGES) {
    u64 size = (ranges - first < TAIL_RANGES ? ranges - first : TAIL_RANGES) * sizeof(struct iovec);
    BOUND(size, sizeof(v));
    if (bpf_probe_read_user(v, size, (void *)(o->source.vector + first * sizeof(struct iovec)))) return false;
    for (u64 i = 0; i < TAIL_RANGES && first + i < ranges; i++) {
      if (left <= v[i].iov_len) {
        *bytes = left;
        *end = (u64)v[i].iov_base + left;
        return left > 0;
      }
      left -= v[i].iov_len;
    }
  }
  return false;
}

/* The end of a body that goes out in chunks leaves as its last bytes, so that its time is known. */
__noinline int tail__send(struct conn *c, struct op *o) {
  if (!c || !o) return 0;
  u64 bytes = o->bytes, end = o->source.base + bytes;
  if (o->source.bytes < bytes && !tail__range(o, &end, &bytes)) return 0;
  u8 tail[16] = {};
  u32 n;
  if (c->flags & CONN_FASTCGI) {
    u64 size = bytes == FASTCGI_HEADER ? FASTCGI_HEADER : FASTCGI_END_BYTES;
    BOUND(size, FASTCGI_END_BYTES);
    if (bytes < size || bpf_probe_read_user(tail, size, (void *)(end - size)) || !fastcgi__is_end(tail, size == FASTCGI_END_BYTES)) return 0;
    n = size;
  } else if (bytes >= 7) {
    n = 7;
    if (bpf_probe_read_user(tail, 7, (void *)(end - 7)) || !head__is_last_chunk(tail, 7)) return 0;
  } else {
    n = 5;
    if (bytes < 5 || bpf_probe_read_user(tail, 5, (void *)(end - 5)) || !head__is_last_chunk(tail, 5)) return 0;
  }
  struct knobs *k = knobs();
  if (!k) return 0;
  struct event_data *e = emit__reserve(sizeof(struct event_data) + sizeof(tail));
  if (!e) return 0;
  op__fill(e, c, o, o->seq + o->bytes - n, n, n, o->now, DATA_TAIL);
  __builtin_memcpy(e->data, tail, sizeof(tail));
  emit__submit(e, k);
  return 1;
}

/* Does a response end in the call that its head came with? Where HTTP's responses are not chunked, only one in TAILS_ENOUGH is
 * asked. An end that is missed so is told by the next event of the connection. */
#define TAILS_ENOUGH 16
static __always_inline void tail__look(struct conn *c, struct op *o) {
  if (c->tail_misses >= TAILS_ENOUGH && !(c->flags & CONN_FASTCGI) && ++c->tail_skips % TAILS_ENOUGH) return;
  if (tail__send(c, o)) c->tail_misses = 0;
  else if (c->tail_misses < TAILS_ENOUGH) c->tail_misses++;
}
