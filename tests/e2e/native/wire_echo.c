/* wire_echo HOST: reads all that a client sends, up to its end, and answers by HTTP with just that. */
#include <stdio.h>
#include <string.h>

#include "wire.h"

enum { THREADS = 64 };

static void echo(int fd, struct serving *thread, void *context) {
  (void)thread, (void)context;
  static _Thread_local struct bytes data;
  data.size = 0;
  ssize_t n;
  while ((n = bytes__read(&data, fd)) > 0) {}
  if (n < 0) return; /* the writer misses the answer */
  char head[128];
  int size = snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nX-Waited: %llu\r\n\r\n", data.size, (unsigned long long)waited_ns());
  if (write_all(fd, head, (size_t)size)) write_all(fd, data.data, data.size);
}

int main(int argc, char **argv) {
  if (argc != 2) must(-1, "usage: wire_echo HOST");
  serve(argv[1], THREADS, echo, NULL);
}
