/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What the values of a request's traceparent and tracestate say, byte by byte as trace_scan comes to them, by the rules of W3C Trace Context
 * level 2 (www.w3.org/TR/trace-context-2; the section numbers are its own). agent/trace/trace_context.cpp reads the same in the agent, and
 * both must come to the same trace. */
#pragma once

#include "maps.bpf.h"

#define TRACE_MEMBERS 32 /* 3.3.1.1 */
#define TRACE_KEY_BYTES 256
#define TRACE_VALUE_BYTES 256
#define TRACE_PARENT_BYTES 55 /* of version 00 */

struct trace_parent {
  u8 text[64]; /* of the value, without the blanks before it; later versions are longer (3.2.4) */
  u32 bytes;   /* without the blanks behind it */
  u32 seen;    /* with them */
};

enum trace_part { PART_BEFORE, PART_KEY, PART_VALUE };

/* The members of all tracestate fields, put together. */
struct trace_members {
  u64 keys[TRACE_MEMBERS]; /* hashes */
  u64 key;                 /* of the member at hand */
  u32 count;
  u32 length;              /* of what is written to `state`, what is written beyond its end included */
  u32 kept;                /* and of the whole members in it */
  u32 end;                 /* of the member at hand, without the blanks behind it */
  u32 begin;               /* of its key, or once that is over of its value */
  u8 part;                 /* enum trace_part */
  u8 tab;                  /* there is one in the value at hand: only behind it they may be */
  u8 bad;                  /* the list is void */
  u8 full;                 /* members were left out for want of room */
  struct trace_state state;
};

static __always_inline void trace_parent__step(struct trace_parent *p, u8 c) {
  bool blank = c == ' ' || c == '\t';
  if (c == '\r' || c == '\n' || (blank && !p->seen)) return;
  if (p->seen < sizeof(p->text)) p->text[p->seen & (sizeof(p->text) - 1)] = c;
  p->seen++;
  if (!blank) p->bytes = p->seen;
}

static __always_inline bool trace_members__is_alphanumeric(u8 c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

static __always_inline void trace_members__put(struct trace_members *m, u8 c) {
  if (m->length < SUTURE_TRACE_STATE) m->state.text[m->length & (SUTURE_TRACE_STATE - 1)] = c;
  m->length++;
}

static __always_inline void trace_members__begin(struct trace_members *m, u8 c) {
  if (m->kept) trace_members__put(m, ',');
  m->begin = m->length;
  m->part = PART_KEY;
  m->key = 0xcbf29ce484222325ull; /* FNV-1a */
  m->tab = 0;
  if (!trace_members__is_alphanumeric(c)) m->bad = 1; /* 3.3.1.3.1 */
}

static __always_inline void trace_members__end(struct trace_members *m) {
  if (m->part == PART_BEFORE) return; /* empty members are allowed, and do not count (RFC 9110 5.6.1.2) */
  u32 value = m->end - m->begin;
  if (m->part == PART_KEY || value < 1 || value > TRACE_VALUE_BYTES || m->count >= TRACE_MEMBERS) m->bad = 1;
  m->part = PART_BEFORE;
  bool known = false;
  for (u32 i = 0; i < TRACE_MEMBERS; i++) known |= i < m->count && m->keys[i] == m->key; /* the left-most is the newest (3.3.1.4) */
  m->keys[m->count & (TRACE_MEMBERS - 1)] = m->key;
  m->count++;
  if (!known && m->end > SUTURE_TRACE_STATE) m->full = 1;
  if (!known && !m->full) m->kept = m->end;
  m->length = m->kept;
}

static __always_inline void trace_members__step(struct trace_members *m, u8 c) {
  bool blank = c == ' ' || c == '\t';
  if (c == '\r') return;
  if (c == ',' || c == '\n') return trace_members__end(m);
  if (m->part == PART_BEFORE) {
    if (blank) return;
    trace_members__begin(m, c);
  }
  if (m->part == PART_KEY && c == '=') {
    if (m->length - m->begin > TRACE_KEY_BYTES) m->bad = 1;
    trace_members__put(m, c);
    m->part = PART_VALUE;
    m->begin = m->end = m->length;
    return;
  }
  if (m->part == PART_KEY) {
    if (!trace_members__is_alphanumeric(c) && c != '_' && c != '-' && c != '*' && c != '/' && c != '@') m->bad = 1;
    m->key = (m->key ^ c) * 0x100000001b3ull;
  } else if (c == '\t') {
    m->tab = 1;
  } else if (c < ' ' || c > '~' || c == '=' || (m->tab && !blank)) {
    m->bad = 1; /* 3.3.1.3.2 */
  }
  trace_members__put(m, c);
  if (!blank) m->end = m->length;
}
