/* wire_mirror HOST: the service behind a proxy. Answers each request GET|POST /m/BYTES with the head that came, as it came, and BYTES more;
 * fields say how long the head is, and the sum of the body that came with it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "wire_http.h"

enum { THREADS = 64 };

static bool answer(int fd, const struct bytes *request, size_t head, uint64_t sum) {
  static _Thread_local struct bytes reply;
  const char *path = memmem(request->data, head, " /m/", 4);
  size_t more = path ? strtoull(path + 4, NULL, 10) : 0;
  reply.size = 0;
  bytes__add_text(&reply, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nX-Head: %zu\r\nX-Sum: %llx\r\nX-Waited: %llu\r\n\r\n", head + more, head,
                  (unsigned long long)sum, (unsigned long long)waited_ns());
  bytes__add(&reply, request->data, head);
  add_filling(&reply, more);
  return write_all(fd, reply.data, reply.size);
}

static void mirror(int fd, struct serving *thread, void *context) {
  (void)thread, (void)context;
  static _Thread_local struct bytes request, body;
  request.size = 0;
  for (size_t head; (head = bytes__read_head(&request, fd)) != 0;) {
    size_t all = read_body(&request, head, fd, &body);
    if (!all || !answer(fd, &request, head, sum_of(body.data, body.size))) return;
    const char *connection = field(request.data, head, "connection:");
    if (connection && strncasecmp(connection, "close", 5) == 0) return;
    bytes__drop(&request, all);
  }
}

int main(int argc, char **argv) {
  if (argc != 2) must(-1, "usage: wire_mirror HOST");
  serve(argv[1], THREADS, mirror, NULL);
}
