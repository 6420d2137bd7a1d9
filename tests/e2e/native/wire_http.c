#include "wire_http.h"

#include <stdlib.h>
#include <string.h>

static bool have(struct bytes *b, size_t size, int fd) {
  while (b->size < size)
    if (bytes__read(b, fd) <= 0) return false;
  return true;
}

/* Where the line ends that begins at `at`, or 0. */
static size_t line_end(struct bytes *b, size_t at, int fd) {
  for (;;) {
    const char *end = b->size > at ? memmem(b->data + at, b->size - at, "\r\n", 2) : NULL;
    if (end) return (size_t)(end + 2 - b->data);
    if (bytes__read(b, fd) <= 0) return 0;
  }
}

static size_t read_chunks(struct bytes *b, size_t at, int fd, struct bytes *body) {
  for (;;) {
    size_t begin = line_end(b, at, fd);
    if (!begin) return 0;
    size_t size = strtoull(b->data + at, NULL, 16);
    if (!have(b, begin + size + 2, fd)) return 0;
    bytes__add(body, b->data + begin, size);
    at = begin + size + 2;
    if (!size) return at;
  }
}

size_t read_body(struct bytes *message, size_t head, int fd, struct bytes *body) {
  body->size = 0;
  bytes__reserve(body, 1);
  if (field(message->data, head, "transfer-encoding:")) return read_chunks(message, head, fd, body);
  const char *length = field(message->data, head, "content-length:");
  size_t size = length ? strtoull(length, NULL, 10) : 0;
  if (!have(message, head + size, fd)) return 0;
  bytes__add(body, message->data + head, size);
  return head + size;
}

uint64_t sum_of(const char *data, size_t size) {
  uint64_t sum = size;
  for (; size >= sizeof(uint64_t); data += sizeof(uint64_t), size -= sizeof(uint64_t)) {
    uint64_t word;
    memcpy(&word, data, sizeof(word));
    sum = (sum ^ word) * 0x9e3779b97f4a7c15;
    sum ^= sum >> 29;
  }
  for (; size; data++, size--) sum = (sum ^ (unsigned char)*data) * 0x100000001b3;
  return sum;
}

void add_filling(struct bytes *b, size_t size) {
  uint64_t state = 1;
  bytes__add_random(b, &state, size);
}
