/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What bytes look like: the start of an HTTP/1 message, the end of its head, the end of a chunked body.
 * Functions with loops are global: the verifier proves them once, alone, and their callers see only a number, so that
 * the place where a loop ended does not multiply the states of what comes after. */
#pragma once

#include "maps.bpf.h"

enum look {
  LOOK_NOTHING = 0,
  LOOK_REQUEST = 1,
  LOOK_RESPONSE = 2,
  LOOK_TOKEN = 3,
  LOOK_TLS = 4,
  LOOK_HTTP2 = 5,
  LOOK_FASTCGI = 6,        /* a request begins */
  LOOK_FASTCGI_ANSWER = 7, /* one that only follows a request: by itself it is too common to go by */
};

#define WORD(a, b, c, d) ((u32)(a) | (u32)(b) << 8 | (u32)(c) << 16 | (u32)(d) << 24)

static __always_inline bool head__tchar(u8 b) { /* RFC 9110 5.6.2, without the punctuation that no method uses */
  return (b >= 'A' && b <= 'Z') || b == '-' || b == '_' || (b >= 'a' && b <= 'z') || (b >= '0' && b <= '9');
}

/* The header of a FastCGI record (FastCGI 1.0, 3.3), which is 8 bytes: version, type, id and length of the content, padding. */
#define FASTCGI_HEADER 8
enum fastcgi_type { FASTCGI_BEGIN = 1, FASTCGI_END = 3, FASTCGI_PARAMS = 4, FASTCGI_STDOUT = 6, FASTCGI_STDERR = 7 };
static __always_inline u8 fastcgi__type(u64 header) { return header >> 8; }
static __always_inline u32 fastcgi__content(u64 header) { return (header >> 32 & 0xff) << 8 | (header >> 40 & 0xff); }
static __always_inline u32 fastcgi__padding(u64 header) { return header >> 48 & 0xff; }

static __always_inline int fastcgi__look(u64 header) {
  if (header >> 56 || !(header >> 16 & 0xffff)) return LOOK_NOTHING; /* reserved; what is of no request has id 0 */
  u8 type = fastcgi__type(header);
  if (type == FASTCGI_BEGIN) return fastcgi__content(header) == 8 ? LOOK_FASTCGI : LOOK_NOTHING;
  return type == FASTCGI_END || type == FASTCGI_STDOUT || type == FASTCGI_STDERR ? LOOK_FASTCGI_ANSWER : LOOK_NOTHING;
}

/* The first 8 bytes, little-endian. LOOK_TOKEN: may be a method nobody registered; only the whole line can tell. */
__noinline int head__look(u64 word) {
  u32 first = (u32)word;
  u8 fifth = word >> 32;
  if (first == WORD('H', 'T', 'T', 'P')) return fifth == '/' ? LOOK_RESPONSE : LOOK_NOTHING;
  if (first == WORD('G', 'E', 'T', ' ')) return LOOK_REQUEST;
  if (first == WORD('P', 'O', 'S', 'T') && fifth == ' ') return LOOK_REQUEST;
  if (first == WORD('P', 'U', 'T', ' ')) return LOOK_REQUEST;
  if (first == WORD('H', 'E', 'A', 'D') && fifth == ' ') return LOOK_REQUEST;
  if (first == WORD('D', 'E', 'L', 'E')) return LOOK_REQUEST;
  if (first == WORD('P', 'A', 'T', 'C')) return LOOK_REQUEST;
  if (first == WORD('O', 'P', 'T', 'I')) return LOOK_REQUEST;
  if (first == WORD('C', 'O', 'N', 'N')) return LOOK_REQUEST;
  if (first == WORD('T', 'R', 'A', 'C') && fifth == 'E') return LOOK_REQUEST;
  if ((first & 0xffff) == 0x0316) return LOOK_TLS; /* handshake record, version 3.x (RFC 8446 5.1) */
  if ((first & 0xff) == 1) return fastcgi__look(word);
  if (word == (WORD('P', 'R', 'I', ' ') | (u64)WORD('*', ' ', 'H', 'T') << 32)) return LOOK_HTTP2;
  /* token, then a space and what a request target begins with: "/", "*", "http:", or more token */
  bool letters = true;
  for (int i = 0; i < 8; i++) {
    u8 b = word >> (i * 8);
    if (b == ' ') {
      if (i < 2) return LOOK_NOTHING;
      if (i == 7) return LOOK_TOKEN;
      u8 next = word >> ((i + 1) * 8 & 63);
      return next == '/' || next == '*' || next == 'h' ? LOOK_TOKEN : LOOK_NOTHING;
    }
    if (!head__tchar(b)) letters = false;
    if (!letters) return LOOK_NOTHING;
  }
  return LOOK_TOKEN;
}

/* The same, without a call for what nearly all messages begin with. */
static __always_inline int head__quick_look(u64 word) {
  u32 first = (u32)word;
  if (first == WORD('G', 'E', 'T', ' ')) return LOOK_REQUEST;
  if (first == WORD('H', 'T', 'T', 'P') && (u8)(word >> 32) == '/') return LOOK_RESPONSE;
  if (first == WORD('P', 'O', 'S', 'T') && (u8)(word >> 32) == ' ') return LOOK_REQUEST;
  return head__look(word);
}

/* One step of CR LF CR LF: how much of it is matched after byte `b`. */
static __always_inline u8 head__step(u8 match, u8 b) {
  if (b == '\r') return match == 2 ? 3 : 1;
  if (b == '\n') return match == 1 ? 2 : match == 3 ? 4 : 0;
  return 0;
}

/* Looks for CR LF CR LF in bytes[0, n), which go on where `match` left off. Returns the number of bytes up to and
 * including it, or 0, and in the low byte what the bytes end with: the match to go on with.
 * The four bytes are all CR or LF, so every fourth byte is enough to meet one of them. */
static __always_inline u32 head__find_end(const u8 *bytes, u32 n, const u32 size, u8 match) {
  const u32 crlfcrlf = WORD('\r', '\n', '\r', '\n');
  u32 word;
  u8 m = match;
  for (u32 i = 0; i < 3 && i < n; i++) { /* a match that began in the bytes before */
    m = head__step(m, bytes[i]);
    if (m == 4) return (i + 1) << 8 | 4;
  }
  if (n <= 3) return m;
  for (u32 i = 3; i < size && i < n; i += 4) {
    u8 b = bytes[i];
    if (b > '\r') continue;
    if (b == '\n') {
      __builtin_memcpy(&word, bytes + i - 3, 4);
      if (word == crlfcrlf) return (i + 1) << 8 | 4;
      if (i + 2 < size && i + 2 < n) {
        __builtin_memcpy(&word, bytes + i - 1, 4);
        if (word == crlfcrlf) return (i + 3) << 8 | 4;
      }
    } else if (b == '\r') {
      if (i + 3 < size && i + 3 < n) {
        __builtin_memcpy(&word, bytes + i, 4);
        if (word == crlfcrlf) return (i + 4) << 8 | 4;
      }
      if (i + 1 < size && i + 1 < n) {
        __builtin_memcpy(&word, bytes + i - 2, 4);
        if (word == crlfcrlf) return (i + 2) << 8 | 4;
      }
    }
  }
  m = 0;
  for (u32 k = 3; k > 0; k--) m = head__step(m, bytes[(n - k) & (size - 1)]); /* size is a power of two, n at most size */
  return m;
}

#define HEAD_WINDOW(SIZE)                                                        \
  struct head_window_##SIZE { u8 bytes[SIZE]; };                                 \
  __noinline u32 head__end_##SIZE(struct head_window_##SIZE *window, u32 n, u8 match) { \
    if (!window) return match;                                                   \
    return head__find_end(window->bytes, n, SIZE, match);                        \
  }
HEAD_WINDOW(32)
HEAD_WINDOW(128)
HEAD_WINDOW(256)

/* In steps, so that the verifier need not walk through all of a long one: it has a million instructions, and 6.1 needs most. */
#define HEAD_LONG_WINDOW(SIZE)                                                   \
  struct head_window_##SIZE { u8 bytes[SIZE]; };                                 \
  __noinline u32 head__end_##SIZE(struct head_window_##SIZE *window, u32 n, u8 match) { \
    if (!window) return match;                                                   \
    for (u32 at = 0; at < SIZE && at < n; at += 256) {                           \
      u32 found = head__end_256((void *)(window->bytes + at), n - at < 256 ? n - at : 256, match); \
      if (found >> 8) return found + (at << 8);                                  \
      match = found;                                                             \
    }                                                                            \
    return match;                                                                \
  }
HEAD_LONG_WINDOW(512)
HEAD_LONG_WINDOW(1024)
HEAD_LONG_WINDOW(4096)

/* Does the first line, within its first 128 bytes, end a request line (" HTTP/1.")? For methods that no table knows. */
__noinline int head__names_http(struct head_window_128 *window, u32 n) {
  if (!window) return 0;
  for (u32 i = 4; i + 8 <= 128 && i + 8 <= n; i++) {
    if (window->bytes[i] == '\n') return 0;
    u64 word;
    __builtin_memcpy(&word, window->bytes + i, 8);
    if (word == (WORD(' ', 'H', 'T', 'T') | (u64)WORD('P', '/', '1', '.') << 32)) return 1;
  }
  return 0;
}

/* The last 7 bytes of a chunk of a body, or all of a shorter one: does it end with the last chunk (RFC 9112 7.1)? */
static __always_inline bool head__is_last_chunk(const u8 *tail, u32 n) {
  if (n < 5) return false;
  const u8 *end = tail + n; /* n is 5 or 7 here: constants to the verifier */
  return end[-5] == '0' && end[-4] == '\r' && end[-3] == '\n' && end[-2] == '\r' && end[-1] == '\n' &&
         (n == 5 || (end[-7] == '\r' && end[-6] == '\n'));
}
