/* wire_writer HOST ECHO_PORT: a service that sends all kinds of bytes because of a request: GET /x/N sends message number N to the echo
 * and compares what arrived there.
 *
 * Each answer is one line: the message's kind, how often a header was inserted, and "same" or what else was changed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire.h"

enum { THREADS = 64 };

struct echo_server {
  const char *host;
  int port;
};

/* What arrived, with the answer's head in front of it; bytes of that head, or 0. */
static size_t send_message(const struct echo_server *echo, const struct message *m, struct bytes *answer) {
  answer->size = 0;
  int fd = connect_to(echo->host, echo->port);
  if (fd < 0) return 0;
  bool sent = message__send(m, fd) && shutdown(fd, SHUT_WR) == 0;
  ssize_t n = -1;
  while (sent && (n = bytes__read(answer, fd)) > 0) {}
  int why = errno;
  close(fd);
  errno = why;
  const char *end = n == 0 ? memmem(answer->data, answer->size, "\r\n\r\n", 4) : NULL;
  return end ? (size_t)(end + 4 - answer->data) : 0;
}

static const char *judge(const struct message *m, const char *arrived, size_t size, int *inserted) {
  const struct bytes *sent = &m->bytes;
  size_t at = 0;
  *inserted = 0;
  if (size == sent->size && memcmp(arrived, sent->data, size) == 0) return "same";
  size_t line = inserted_line(arrived, size, &at);
  if (!line || size != sent->size + line || memcmp(arrived, sent->data, at) != 0 || memcmp(arrived + at + line, sent->data + at, sent->size - at) != 0)
    return "CHANGED";
  *inserted = 1;
  return m->may ? "same" : "a header where none may be";
}

static void answer_requests(int fd, struct serving *thread, void *context) {
  (void)thread;
  static _Thread_local struct bytes request, arrived;
  static _Thread_local struct message message;
  request.size = 0;
  for (size_t head; (head = bytes__read_head(&request, fd)) != 0; bytes__drop(&request, head)) {
    message__make(&message, strtoull(request.data + strlen("GET /x/"), NULL, 10));
    size_t before = send_message(context, &message, &arrived);
    int inserted = 0;
    char word[128], text[256], reply[512];
    if (before) snprintf(word, sizeof(word), "%s", judge(&message, arrived.data + before, arrived.size - before, &inserted));
    else snprintf(word, sizeof(word), "no answer: %s", strerror(errno));
    const char *others = before ? field(arrived.data, before, "x-waited:") : NULL;
    int size = snprintf(text, sizeof(text), "%s %d %s", message.kind, inserted, word);
    size = snprintf(reply, sizeof(reply), "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nX-Waited: %llu\r\n\r\n%s", size,
                    (unsigned long long)waited_ns() + (others ? strtoull(others, NULL, 10) : 0), text);
    if (!write_all(fd, reply, (size_t)size)) return;
  }
}

int main(int argc, char **argv) {
  if (argc != 3) must(-1, "usage: wire_writer HOST ECHO_PORT");
  struct echo_server echo = {argv[1], atoi(argv[2])};
  serve(argv[1], THREADS, answer_requests, &echo);
}
