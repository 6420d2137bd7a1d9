#include <arpa/inet.h>
#include <ctype.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire.h"

enum { READ_BYTES = 1 << 18, BACKLOG = 1024, TEXT_MAX = 16384, LINE_BYTES = 70 };

int must(int result, const char *what) {
  if (result < 0) {
    perror(what);
    exit(1);
  }
  return result;
}

char *bytes__reserve(struct bytes *b, size_t more) {
  if (b->size + more > b->room) {
    b->room = 2 * (b->size + more);
    b->data = realloc(b->data, b->room);
    if (!b->data) must(-1, "memory");
  }
  return b->data + b->size;
}

void bytes__add(struct bytes *b, const void *data, size_t size) {
  memcpy(bytes__reserve(b, size), data, size);
  b->size += size;
}

void bytes__add_text(struct bytes *b, const char *format, ...) {
  va_list words;
  va_start(words, format);
  b->size += (size_t)must(vsnprintf(bytes__reserve(b, TEXT_MAX), TEXT_MAX, format, words), "format");
  va_end(words);
}

ssize_t bytes__read(struct bytes *b, int fd) {
  char *at = bytes__reserve(b, READ_BYTES);
  ssize_t n = read(fd, at, READ_BYTES);
  if (n > 0) b->size += (size_t)n;
  return n;
}

size_t bytes__read_head(struct bytes *b, int fd) {
  for (;;) {
    const char *end = b->size ? memmem(b->data, b->size, "\r\n\r\n", 4) : NULL;
    if (end) return (size_t)(end + 4 - b->data);
    if (bytes__read(b, fd) <= 0) return 0;
  }
}

void bytes__drop(struct bytes *b, size_t size) {
  memmove(b->data, b->data + size, b->size - size);
  b->size -= size;
}

uint64_t random__next(uint64_t *state) { /* splitmix64 */
  uint64_t z = *state += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

size_t random__between(uint64_t *state, size_t least, size_t most) { return least + random__next(state) % (most - least + 1); }

void bytes__add_random(struct bytes *b, uint64_t *state, size_t size) {
  char *at = bytes__reserve(b, size + sizeof(uint64_t));
  for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
    uint64_t word = random__next(state);
    memcpy(at + i, &word, sizeof(word));
  }
  b->size += size;
}

bool write_all(int fd, const char *data, size_t size) {
  while (size) {
    ssize_t n = send(fd, data, size, MSG_NOSIGNAL);
    if (n <= 0) return false;
    data += n;
    size -= (size_t)n;
  }
  return true;
}

static struct sockaddr_in address_of(const char *host, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  if (inet_pton(AF_INET, host, &address.sin_addr) != 1) must(-1, host);
  return address;
}

static void send_at_once(int fd) {
  int yes = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
}

int connect_to(const char *host, int port) {
  struct sockaddr_in address = address_of(host, port);
  int fd = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
    close(fd);
    return -1;
  }
  send_at_once(fd);
  return fd;
}

struct serving {
  int listener;
  serve_connection *one;
  void *context;
};

static void *serve_in_turn(void *argument) {
  struct serving *s = argument;
  for (;;) {
    int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0) continue;
    send_at_once(fd);
    s->one(fd, s, s->context);
    close(fd);
  }
  return NULL;
}

void serve(const char *host, int threads, serve_connection *one, void *context) {
  struct sockaddr_in address = address_of(host, 0);
  socklen_t size = sizeof(address);
  struct serving s = {.listener = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"), .one = one, .context = context};
  must(bind(s.listener, (struct sockaddr *)&address, size), "bind");
  must(listen(s.listener, BACKLOG), "listen");
  must(getsockname(s.listener, (struct sockaddr *)&address, &size), "getsockname");
  pthread_t thread;
  for (int i = 0; i < threads; i++) must(-pthread_create(&thread, NULL, serve_in_turn, &s), "thread");
  printf("port %d\n", ntohs(address.sin_port));
  fflush(stdout);
  for (;;) pause();
}

uint64_t waited_ns(void) {
  static _Thread_local int file = -1;
  static _Thread_local unsigned long long before;
  if (file < 0) file = must(open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC), "schedstat");
  char text[96] = "";
  unsigned long long waited = before;
  if (pread(file, text, sizeof(text) - 1, 0) > 0) sscanf(text, "%*u %llu", &waited);
  uint64_t since = waited - before;
  before = waited;
  return since;
}

const char *field(const char *head, size_t size, const char *name) {
  size_t length = strlen(name);
  for (const char *at = head, *end = head + size; (at = memchr(at, '\n', (size_t)(end - at))) != NULL;) {
    if (++at + length > end) break;
    if (strncasecmp(at, name, length) != 0) continue;
    for (at += length; *at == ' '; at++) {}
    return at;
  }
  return NULL;
}

size_t inserted_line(const char *head, size_t size, size_t *at) {
  static const char form[] = "traceparent: 00-tttttttttttttttttttttttttttttttt-ssssssssssssssss-ff\r\n";
  _Static_assert(sizeof(form) == LINE_BYTES + 1, "a line as it is inserted");
  const char *end = memmem(head, size, "\r\n", 2);
  *at = end ? (size_t)(end + 2 - head) : size;
  if (!end || size - *at < LINE_BYTES) return 0;
  for (int i = 0; i < LINE_BYTES; i++) {
    char is = head[*at + (size_t)i], wanted = form[i];
    bool digit = (i >= 16 && i < 48) || (i >= 49 && i < 65) || (i >= 66 && i < 68);
    if (digit ? !(isdigit(is) || (is >= 'a' && is <= 'f')) : is != wanted) return 0;
  }
  return LINE_BYTES;
}
