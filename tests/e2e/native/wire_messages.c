/* Messages of all kinds. The first may get one header, the others must not get any. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "wire.h"

#define GET "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
#define CONTEXT "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

/* What has been added since the last part is a part. */
static void part(struct message *m, enum send_how how) {
  size_t before = 0;
  for (int i = 0; i < m->part_count; i++) before += m->parts[i].size;
  m->parts[m->part_count].size = m->bytes.size - before;
  m->parts[m->part_count++].how = how;
}

static void text(struct message *m, const char *what) { bytes__add(&m->bytes, what, strlen(what)); }

static void filled(struct message *m, char with, size_t size) {
  memset(bytes__reserve(&m->bytes, size), with, size);
  m->bytes.size += size;
}

static void head(struct message *m, const char *method, const char *fields) {
  bytes__add_text(&m->bytes, "%s /a HTTP/1.1\r\nHost: h\r\n%s\r\n", method, fields);
}

/* Whose body reads like more requests. */
static void posted(struct message *m, uint64_t *r, size_t size) {
  enum { NOISE = 50 };
  size_t piece = strlen(GET) + NOISE, pieces = size / piece;
  char fields[64];
  snprintf(fields, sizeof(fields), "Content-Length: %zu\r\n", pieces * piece);
  head(m, "POST", fields);
  for (size_t i = 0; i < pieces; i++) {
    text(m, GET);
    bytes__add_random(&m->bytes, r, NOISE);
  }
}

static void get(struct message *m, uint64_t *r) { (void)r, text(m, GET); }
static void body(struct message *m, uint64_t *r) { posted(m, r, random__between(r, 100, 20000)); }
static void large(struct message *m, uint64_t *r) { posted(m, r, random__between(r, 200000, 1000000)); }
static void body_apart(struct message *m, uint64_t *r) {
  (void)r, head(m, "PUT", "Content-Length: 500\r\n");
  part(m, BY_WRITE);
  for (int i = 0; i < 10; i++) text(m, GET);
  filled(m, 'x', 500 - 10 * strlen(GET));
}
static void keep_alive(struct message *m, uint64_t *r) {
  text(m, GET);
  part(m, BY_WRITE);
  posted(m, r, 300);
  part(m, BY_WRITE);
  head(m, "DELETE", "");
}
static void pipelined(struct message *m, uint64_t *r) {
  for (size_t n = random__between(r, 2, 30); n; n--) text(m, GET);
}
static void chunked(struct message *m, uint64_t *r) {
  head(m, "POST", "Transfer-Encoding: chunked\r\n");
  bytes__add_text(&m->bytes, "%zx\r\n" GET "\r\n63\r\n", strlen(GET));
  bytes__add_random(&m->bytes, r, 0x63);
  text(m, "\r\n0\r\n\r\n");
}
static void upgrade(struct message *m, uint64_t *r) {
  head(m, "GET", "Connection: Upgrade\r\nUpgrade: websocket\r\n");
  part(m, BY_WRITE);
  bytes__add_random(&m->bytes, r, 400);
  part(m, BY_WRITE);
  text(m, GET);
}
static void expect(struct message *m, uint64_t *r) {
  (void)r, head(m, "POST", "Expect: 100-continue\r\nContent-Length: 50\r\n");
  part(m, BY_WRITE);
  filled(m, 'y', 50);
}
static void ranges(struct message *m, uint64_t *r) {
  (void)r, text(m, GET);
  part(m, BY_WRITEV);
  filled(m, 'z', 3000);
}
static void file(struct message *m, uint64_t *r) {
  size_t size = random__between(r, 1, 300000);
  char fields[64];
  snprintf(fields, sizeof(fields), "Content-Length: %zu\r\n", size);
  head(m, "POST", fields);
  part(m, BY_WRITE);
  bytes__add_random(&m->bytes, r, size);
  part(m, BY_SENDFILE);
}
static void has_context(struct message *m, uint64_t *r) {
  static const char *const spellings[] = {"traceparent: ", "Traceparent:", "TRACEPARENT: ", "traceParent : "};
  char fields[96];
  snprintf(fields, sizeof(fields), "%s" CONTEXT "\r\n", spellings[random__next(r) % 4]);
  head(m, "GET", fields);
}
static void connect_tunnel(struct message *m, uint64_t *r) {
  text(m, "CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n");
  part(m, BY_WRITE);
  bytes__add_random(&m->bytes, r, 200);
}
static void split(struct message *m, uint64_t *r) {
  char fields[96];
  snprintf(fields, sizeof(fields), "X: %080d\r\n", 0);
  head(m, "GET", fields);
  m->parts[0].size = random__between(r, 1, m->bytes.size - 2);
  m->parts[0].how = BY_WRITE;
  m->part_count = 1;
}
static void binary(struct message *m, uint64_t *r) {
  text(m, "GET ");
  bytes__add_random(&m->bytes, r, 400);
}
static void yamux(struct message *m, uint64_t *r) {
  (void)r, filled(m, 0, 12);
  part(m, BY_WRITE);
  text(m, GET);
}
static void http2(struct message *m, uint64_t *r) {
  text(m, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  bytes__add_random(&m->bytes, r, 100);
}
static void tls(struct message *m, uint64_t *r) {
  bytes__add(&m->bytes, "\x16\x03\x01\x02\x00", 5);
  bytes__add_random(&m->bytes, r, 500);
}
static void bare_lf(struct message *m, uint64_t *r) { (void)r, text(m, "GET /a HTTP/1.1\nHost: h\n\n"); }
static void folded(struct message *m, uint64_t *r) { (void)r, head(m, "GET", "X: a\r\n b\r\n"); }
static void long_head(struct message *m, uint64_t *r) {
  char fields[8100];
  snprintf(fields, sizeof(fields), "X: %08000d\r\n", 0);
  (void)r, head(m, "GET", fields);
}

static const struct {
  const char *name;
  void (*make)(struct message *, uint64_t *);
  bool may;
} kinds[] = {
    {"get", get, true},           {"body", body, true},         {"body-apart", body_apart, true},   {"keep-alive", keep_alive, true},
    {"pipelined", pipelined, true}, {"chunked", chunked, true}, {"upgrade", upgrade, true},         {"expect", expect, true},
    {"large", large, true},       {"ranges", ranges, true},     {"file", file, true},               {"has-context", has_context, false},
    {"connect", connect_tunnel, false}, {"split", split, false}, {"binary", binary, false},         {"yamux", yamux, false},
    {"http2", http2, false},      {"tls", tls, false},          {"bare-lf", bare_lf, false},        {"folded", folded, false},
    {"long", long_head, false},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

void message__make(struct message *m, uint64_t number) {
  uint64_t state = number;
  m->kind = kinds[number % KINDS].name;
  m->may = kinds[number % KINDS].may;
  m->bytes.size = 0;
  m->part_count = 0;
  kinds[number % KINDS].make(m, &state);
  size_t parts = 0;
  for (int i = 0; i < m->part_count; i++) parts += m->parts[i].size;
  if (parts < m->bytes.size) part(m, BY_WRITE);
}

static bool send_from_file(int fd, const char *data, size_t size) {
  int from = must(memfd_create("message", MFD_CLOEXEC), "memfd"); /* of its own: pages of it may be on their way for long */
  bool sent = write(from, data, size) == (ssize_t)size;
  for (off_t at = 0; sent && at < (off_t)size;) sent = sendfile(fd, from, &at, size - (size_t)at) > 0;
  close(from);
  return sent;
}

bool message__send(const struct message *m, int fd) {
  const char *at = m->bytes.data;
  for (int i = 0; i < m->part_count; i++) {
    size_t size = m->parts[i].size;
    if (m->parts[i].how == BY_WRITEV) {
      struct iovec both[] = {{(char *)at, size}, {(char *)at + size, m->parts[i + 1].size}};
      ssize_t done = writev(fd, both, 2);
      size += m->parts[++i].size;
      if (done < 0 || !write_all(fd, at + done, size - (size_t)done)) return false;
    } else if (m->parts[i].how == BY_SENDFILE ? !send_from_file(fd, at, size) : !write_all(fd, at, size)) {
      return false;
    }
    at += size;
  }
  return true;
}
