/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The records of FastCGI 1.0, as far as the kernel knows them. A request's head is what comes before its body: one
 * BEGIN_REQUEST, and PARAMS up to an empty one, in as few calls as a web server likes or as many as an application reads it
 * in (PHP: one for each header). A response's head ends as HTTP's does. All of it takes the slow path: a call of the fast
 * one looks at no record. */
#pragma once

#include "op.bpf.h"

/* END_REQUEST, header and content (FastCGI 1.0, 5.5): 16 bytes, the last of a response. */
#define FASTCGI_END_BYTES 16
static __always_inline bool fastcgi__is_end(const u8 *tail, bool whole) {
  u64 header, rest = 0;
  __builtin_memcpy(&header, tail, 8);
  if (whole) __builtin_memcpy(&rest, tail + 8, 8); /* else its header alone was read, as Apache does */
  /* A padding would stand behind it. The content: status of the application, of the protocol at most 3, and 3 bytes of 0. */
  return (header & 0xff) == 1 && fastcgi__look(header) == LOOK_FASTCGI_ANSWER && fastcgi__type(header) == FASTCGI_END &&
         fastcgi__content(header) == 8 && !fastcgi__padding(header) && rest >> 32 <= 3;
}

static __always_inline bool fastcgi__is_request(const struct conn *c, u8 dir) {
  return (c->flags & CONN_FASTCGI) && dir == c->request_dir;
}

/* Does the record whose header is `word` begin a message? `turned`: the direction did, right before. */
static __always_inline bool fastcgi__begins(const struct conn *c, u8 dir, int look, bool turned) {
  if (look == LOOK_FASTCGI) return c->verdict == VERDICT_UNKNOWN || ((c->flags & CONN_FASTCGI) && dir == c->request_dir);
  return look == LOOK_FASTCGI_ANSWER && turned && (c->flags & CONN_FASTCGI) && dir != c->request_dir;
}

/* That a request has begun is told with the end of its head, which may come calls later: until then nobody knows of it. */
static __always_inline void fastcgi__started(struct conn *c, u8 dir, int look, u32 seq) {
  c->flags |= CONN_FASTCGI;
  c->need[!dir] = 0;
  op__began(c, dir, look == LOOK_FASTCGI_ANSWER, seq);
  if (look == LOOK_FASTCGI_ANSWER) c->flags |= CONN_BEGAN;
}

/* Walks over the records in `n` bytes of user memory. Returns the bytes up to the end of the head, or 0. */
#define FASTCGI_STEPS 24 /* a piece has three records, or two and a header in two parts; what has more is copied, up to the limit of heads */
static __always_inline u32 fastcgi__walk(struct records *r, u64 address, u32 n) {
  u32 at = 0;
  for (int step = 0; step < FASTCGI_STEPS && at < n; step++) {
    if (r->left) {
      u32 pass = n - at < r->left ? n - at : r->left;
      r->left -= pass;
      at += pass;
      continue;
    }
    u64 have = r->have & 7, take = FASTCGI_HEADER - have, part = 0;
    if (take > n - at) take = n - at;
    BOUND(take, FASTCGI_HEADER);
    if (bpf_probe_read_user(&part, take, (void *)(address + at))) return 0;
    r->header = have ? r->header | part << 8 * have : part;
    r->have = have + take;
    at += take;
    if (r->have < FASTCGI_HEADER) break;
    r->have = 0;
    if (fastcgi__type(r->header) == FASTCGI_PARAMS && !fastcgi__content(r->header)) return at;
    r->left = fastcgi__content(r->header) + fastcgi__padding(r->header);
  }
  return 0;
}
