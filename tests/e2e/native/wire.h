/* What the programs share that send all kinds of bytes and compare what arrives: wire_writer, wire_echo, wire_mirror, wire_driver.
 *
 * Each thread serves one connection at a time, by calls that wait, and keeps its memory. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct bytes {
  char *data;
  size_t size, room;
};

/* Room for `more` at the end; returns where. */
char *bytes__reserve(struct bytes *b, size_t more);
void bytes__add(struct bytes *b, const void *data, size_t size);
void bytes__add_text(struct bytes *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Adds what one read takes; returns as read(2). */
ssize_t bytes__read(struct bytes *b, int fd);
/* Reads until an empty line is in `b`. The bytes of the head at its front, or 0: the connection ended before. */
size_t bytes__read_head(struct bytes *b, int fd);
void bytes__drop(struct bytes *b, size_t size);

/* A repeatable sequence of numbers. */
uint64_t random__next(uint64_t *state);
size_t random__between(uint64_t *state, size_t least, size_t most);
void bytes__add_random(struct bytes *b, uint64_t *state, size_t size);

/* Ends the program unless `result` is at least 0; returns it. */
int must(int result, const char *what);
bool write_all(int fd, const char *data, size_t size);
int connect_to(const char *host, int port);

/* Says `port N` and serves each connection in one of `threads` threads, until the program is killed. */
struct serving;
typedef void serve_connection(int fd, struct serving *thread, void *context);
_Noreturn void serve(const char *host, int threads, serve_connection *one, void *context);

/* Nanoseconds since the last such question, of this thread, in which it could have run and was not let: on a busy machine most of what
 * a message takes, and nobody's fault who looks at sockets. */
uint64_t waited_ns(void);

/* The end of the value of header field `name` (lower case, with its colon) is not kept: returns where the value begins, or NULL. */
const char *field(const char *head, size_t size, const char *name);

/* Of a line `traceparent: 00-...` that stands behind the first line of `head`: its bytes, or 0. */
size_t inserted_line(const char *head, size_t size, size_t *at);

/* ---- messages of all kinds */

enum send_how { BY_WRITE, BY_WRITEV /* together with the next part */, BY_SENDFILE };
enum { PARTS = 4 };

struct message {
  const char *kind;
  bool may; /* get one header */
  struct bytes bytes;
  struct {
    size_t size;
    enum send_how how;
  } parts[PARTS];
  int part_count;
};

/* Message number `number`, into memory that is used again. */
void message__make(struct message *m, uint64_t number);
/* False: the kernel refused, see errno. */
bool message__send(const struct message *m, int fd);
