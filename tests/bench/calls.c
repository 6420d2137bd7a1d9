/* What single calls cost, in ns: one thread, the least of many blocks, so that what else the machine does drops out.
 * Prints one JSON object, operation -> ns. Run it with and without a probe attached and subtract. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { WARM_UP = 100 };
/* Time for the blocks of one operation, long enough for some of them to run undisturbed. */
static const double kBlocksNs = 250e6;

struct fixture {
  int null_file, plain_file, pipe_read, pipe_write;
  int other_client, other_server; /* speaks no HTTP */
  int http_client, http_server;
  char out[32], in[8192];
};

static const char kRequest[] =
    "GET /items/12345?page=2 HTTP/1.1\r\nHost: shop.example:8080\r\nAccept: */*\r\nUser-Agent: bench/1.0\r\n"
    "traceparent: 00-4f1d6a0c2b7e9d8355aa01c4be92f706-71c2d9e4a3b80f65-01\r\nAccept-Encoding: gzip, br\r\n\r\n";
static const char kResponse[] =
    "HTTP/1.1 200 OK\r\nServer: bench\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: text/plain\r\n"
    "Content-Length: 34\r\nConnection: keep-alive\r\n\r\nthirty-four bytes of a small body\n";

static void fail(const char* what) {
  perror(what);
  exit(1);
}

static void must(ssize_t moved) {
  if (moved <= 0) fail("calls");
}

static void tcp_pair(int* client, int* server) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof(address);
  const int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  if (bind(listener, (struct sockaddr*)&address, length) || listen(listener, 1) ||
      getsockname(listener, (struct sockaddr*)&address, &length))
    fail("listen");
  *client = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(*client, (struct sockaddr*)&address, length)) fail("connect");
  *server = accept4(listener, NULL, NULL, 0);
  if (*server < 0) fail("accept");
  setsockopt(*client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
  setsockopt(*server, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
  close(listener);
}

static void do_getppid(struct fixture* f) {
  (void)f;
  syscall(SYS_getppid);
}
static void do_write_null(struct fixture* f) { must(write(f->null_file, f->out, sizeof(f->out))); }
static void do_pread(struct fixture* f) { must(pread(f->plain_file, f->in, 64, 0)); }
static void do_pipe(struct fixture* f) {
  must(write(f->pipe_write, f->out, sizeof(f->out)));
  must(read(f->pipe_read, f->in, sizeof(f->in)));
}
static void do_other_tcp(struct fixture* f) {
  must(write(f->other_client, f->out, sizeof(f->out)));
  must(read(f->other_server, f->in, sizeof(f->in)));
}
static void do_eagain(struct fixture* f) {
  if (recv(f->other_client, f->in, sizeof(f->in), MSG_DONTWAIT) >= 0) fail("calls: data where none was sent");
}
static void do_http_turn(struct fixture* f) {
  must(write(f->http_client, kRequest, sizeof(kRequest) - 1));
  must(read(f->http_server, f->in, sizeof(f->in)));
  must(write(f->http_server, kResponse, sizeof(kResponse) - 1));
  must(read(f->http_client, f->in, sizeof(f->in)));
}

/* Operations per block: about 0.5 ms in all, so that reading the clock weighs nothing. */
static const struct operation {
  const char* name;
  void (*run)(struct fixture*);
  int per_block;
} kOperations[] = {
    {"getppid", do_getppid, 3000},   {"write_null", do_write_null, 2000}, {"pread", do_pread, 1500},
    {"pipe", do_pipe, 600},          {"other_tcp", do_other_tcp, 100},    {"eagain", do_eagain, 1000},
    {"http_turn", do_http_turn, 60},
};

static double now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static double least_ns(const struct operation* operation, struct fixture* f) {
  double least = 1e18;
  for (int i = 0; i < WARM_UP; ++i) operation->run(f);
  const double end = now_ns() + kBlocksNs;
  for (double start = now_ns(), stop; start < end; start = stop) {
    for (int i = 0; i < operation->per_block; ++i) operation->run(f);
    stop = now_ns();
    const double each = (stop - start) / operation->per_block;
    if (each < least) least = each;
  }
  return least;
}

int main(void) {
  static struct fixture f;
  int ends[2];
  memset(f.out, '.', sizeof(f.out));
  f.null_file = open("/dev/null", O_WRONLY);
  f.plain_file = open("/proc/self/exe", O_RDONLY);
  if (f.null_file < 0 || f.plain_file < 0 || pipe(ends)) fail("open");
  f.pipe_read = ends[0];
  f.pipe_write = ends[1];
  tcp_pair(&f.other_client, &f.other_server);
  tcp_pair(&f.http_client, &f.http_server);
  const int count = (int)(sizeof(kOperations) / sizeof(kOperations[0]));
  for (int i = 0; i < count; ++i)
    printf("%s\"%s\": %.1f", i ? ", " : "{", kOperations[i].name, least_ns(&kOperations[i], &f));
  puts("}");
  return 0;
}
