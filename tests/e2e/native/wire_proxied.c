/* Requests that a proxy passes on to wire_mirror. What it makes of each kind's head is learned by the first of them, before anything writes. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire_driver.h"
#include "wire_http.h"

#define CONTEXT "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"

enum { MOST_AT_ONCE = 3 };

static const struct kind {
  const char *name, *fields;
  size_t body, answer;
  int at_once; /* requests in one write */
  bool chunks, must_not;
} kinds[] = {
    {.name = "get", .answer = 200},
    {.name = "get", .answer = 200},
    {.name = "answer", .answer = 100000},
    {.name = "large-answer", .answer = 2000000},
    {.name = "body", .body = 300, .answer = 20},
    {.name = "body", .body = 12000, .answer = 20},
    {.name = "large-body", .body = 700000, .answer = 20},
    {.name = "chunked", .body = 30000, .chunks = true, .answer = 3000},
    {.name = "pipelined", .at_once = MOST_AT_ONCE, .answer = 500},
    {.name = "has-context", .fields = CONTEXT, .answer = 20, .must_not = true},
};
enum { KINDS = sizeof kinds / sizeof *kinds, HEAD_MAX = 1024 };

static struct {
  char head[HEAD_MAX];
  size_t size;
} learned[KINDS];

void proxied__learn(const char *file) {
  FILE *f = fopen(file, "rb");
  if (!f) return;
  if (fread(learned, sizeof(learned), 1, f) != 1) memset(learned, 0, sizeof(learned));
  fclose(f);
}

void proxied__remember(const char *file) {
  FILE *f = fopen(file, "wb");
  if (!f || fwrite(learned, sizeof(learned), 1, f) != 1) must(-1, file);
  fclose(f);
}

static void make(struct bytes *b, const struct kind *kind, uint64_t *state, struct bytes *body) {
  body->size = 0;
  bytes__add_random(body, state, kind->body);
  bytes__add_text(b, "%s /m/%zu HTTP/1.1\r\nHost: h\r\nX-Kind: %s\r\n%s", kind->body ? "POST" : "GET", kind->answer, kind->name, kind->fields ? kind->fields : "");
  if (!kind->body) bytes__add_text(b, "\r\n");
  else if (!kind->chunks) bytes__add_text(b, "Content-Length: %zu\r\n\r\n", kind->body);
  else bytes__add_text(b, "Transfer-Encoding: chunked\r\n\r\n%zx\r\n", kind->body);
  bytes__add(b, body->data, kind->body);
  if (kind->chunks) bytes__add_text(b, "\r\n0\r\n\r\n");
}

static bool head_is_as_learned(size_t number, const char *head, size_t size, int *inserted) {
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  size_t at = 0, line = kinds[number].must_not ? 0 : inserted_line(head, size, &at);
  if (!line) at = 0;
  *inserted += line > 0;
  if (size - line > HEAD_MAX) return false;
  char without[HEAD_MAX];
  memcpy(without, head, at);
  memcpy(without + at, head + at + line, size - at - line);
  size -= line;
  pthread_mutex_lock(&lock);
  if (!learned[number].size) {
    memcpy(learned[number].head, without, size);
    learned[number].size = size;
  }
  bool same = learned[number].size == size && memcmp(learned[number].head, without, size) == 0;
  pthread_mutex_unlock(&lock);
  return same;
}

/* Of the answer that `b` begins with. */
static const char *judge(size_t number, const struct bytes *body, const struct bytes *b, size_t head, size_t all, struct outcome *o) {
  static _Thread_local struct bytes filling;
  const char *told = field(b->data, head, "x-head:"), *sum = field(b->data, head, "x-sum:"), *waited = field(b->data, head, "x-waited:");
  size_t size = told ? strtoull(told, NULL, 10) : 0, more = kinds[number].answer;
  if (!told || !sum || !waited || all - head != size + more) return "an odd answer";
  o->waited_ns += strtoull(waited, NULL, 10);
  if (!head_is_as_learned(number, b->data + head, size, &o->inserted)) return "the head is CHANGED";
  if (strtoull(sum, NULL, 16) != sum_of(body->data, body->size)) return "the body is CHANGED";
  if (filling.size < more) filling.size = 0, add_filling(&filling, more);
  return memcmp(b->data + head + size, filling.data, more) == 0 ? NULL : "the answer is CHANGED";
}

const char *proxied__exchange(int fd, uint64_t number, struct outcome *o) {
  static _Thread_local struct bytes request, bodies[MOST_AT_ONCE], answer, unused;
  size_t of = number % KINDS;
  int count = kinds[of].at_once ? kinds[of].at_once : 1;
  o->kind = kinds[of].name;
  o->used_up = count > 1; /* the agent stops reading a pipelined connection at its first hole, as a large chunked body is one */
  request.size = answer.size = 0;
  for (int i = 0; i < count; i++) make(&request, &kinds[of], &number, &bodies[i]);
  if (!write_all(fd, request.data, request.size)) return "not sent";
  const char *problem = NULL;
  for (int i = 0; i < count && !problem; i++) {
    size_t head = bytes__read_head(&answer, fd), all = head ? read_body(&answer, head, fd, &unused) : 0;
    if (!all) return "no answer";
    problem = judge(of, &bodies[i], &answer, head, all, o);
    bytes__drop(&answer, all);
  }
  return problem;
}
