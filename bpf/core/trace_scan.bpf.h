/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* A request head, byte by byte: where its first line and the head end, and where it speaks of trace context. The bytes come from where its
 * callers have them. What is spelled in a way that no client does is told as odd, and nobody touches it. */
#pragma once

#include "maps.bpf.h"

enum trace_field { FIELD_OTHER, FIELD_PARENT, FIELD_STATE };

struct trace_scan {
  u64 last, before; /* the last 16 bytes, letters in lower case */
  u32 column;       /* bytes of the line so far */
  u32 first;        /* bytes of the first line, its end included; 0: not over */
  u32 end;          /* bytes of the head, 0: not over */
  u32 fields;       /* traceparent */
  u32 mentions;     /* of that name, wherever in the head */
  u32 states;       /* fields tracestate */
  u8 previous;      /* byte */
  u8 odd;
  u8 in;            /* enum trace_field: whose value goes on */
  u8 pad[1];
};

#define SCAN_HTTP1_LINE 0x74702f312e31ull /* "tp/1.1" */
#define SCAN_HTTP10_LINE 0x74702f312e30ull
#define SCAN_EPARENT 0x65706172656e743aull  /* "eparent:" */
#define SCAN_CESTATE 0x636573746174653aull /* "cestate:" */
#define SCAN_CEPARENT 0x6365706172656e74ull /* "ceparent" */

/* The first line is over: does it end with an HTTP/1 version? `last` ends with CR LF, which lower case makes "-*". */
static __always_inline bool trace_scan__is_http1(const struct trace_scan *s) {
  u64 version = s->last >> 16;
  return (version == SCAN_HTTP1_LINE || version == SCAN_HTTP10_LINE) && (s->before & 0xffffff) == 0x206874; /* " ht" */
}

/* Byte `i` is `c`. True: there is no more to look at. */
static __always_inline bool trace_scan__step(struct trace_scan *s, u32 i, u8 c) {
  s->before = s->before << 8 | s->last >> 56;
  s->last = s->last << 8 | (u8)(c | 0x20);
  u32 column = ++s->column;
  u8 previous = s->previous;
  s->previous = c;
  if (c == '\n') {
    s->column = 0;
    s->in = FIELD_OTHER;
    if (previous != '\r') s->odd = 1;
    if (!s->first) {
      s->first = i + 1;
      if (!trace_scan__is_http1(s)) s->odd = 1;
      return s->odd;
    }
    if (column == 2) s->end = i + 1;
    return s->odd || column == 2;
  }
  if (previous == '\r' || (c < ' ' && c != '\r' && c != '\t') || (column == 1 && (c == ' ' || c == '\t'))) {
    s->odd = 1; /* CR alone, a control character, a folded line (RFC 9112 5.2) */
    return true;
  }
  if (c == ':' && column == 11 && s->last == SCAN_CESTATE && (s->before & 0xffffff) == 0x747261 /* "tra" */) {
    s->in = FIELD_STATE;
    s->states++;
  }
  if (s->last == SCAN_CEPARENT && (s->before & 0xffffff) == 0x747261 /* "tra" */) s->mentions++;
  if (c == ':' && column == 12 && s->last == SCAN_EPARENT && (u32)s->before == 0x74726163 /* "trac" */) {
    s->in = FIELD_PARENT;
    s->fields++;
  }
  return false;
}
