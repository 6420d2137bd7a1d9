/* calls TOKEN CLIENT_LOG SERVER_LOG: a client and a server that talk HTTP/1 by every kind of system call.
 *
 * One connection per kind, some exchanges on each; the path names the kind. Both ends walk the same table, so each
 * knows how long the next message is and needs no parser. Each end logs what it took part in. */
#include "calls.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TURNS = 3, HEAD_MAX = 512, MEDIUM = 64 << 10, LARGE = 4 << 20 };

struct kind {
  const char *name;
  send_call *send;
  receive_call *receive;
  size_t body_bytes; /* 0: GET, the answer is short */
};

static const struct kind kinds[] = {
    {"write", send_by_write, receive_by_read, 0},
    {"writev", send_by_writev, receive_by_read, 0},
    {"writev-tiny-first", send_by_writev_tiny_first, receive_by_read, 0},
    {"pwritev2", send_by_pwritev2, receive_by_read, 0},
    {"send", send_by_send, receive_by_read, 0},
    {"sendto", send_by_sendto, receive_by_read, 0},
    {"sendmsg", send_by_sendmsg, receive_by_read, 0},
    {"sendmsg-tiny-first", send_by_sendmsg_tiny_first, receive_by_read, 0},
    {"sendmmsg", send_by_sendmmsg, receive_by_read, 0},
    {"sendmmsg-body", send_by_sendmmsg, receive_by_read, MEDIUM},
    {"msg-more", send_with_more, receive_by_read, 0},
    {"zerocopy", send_with_zerocopy, receive_by_read, MEDIUM},
    {"bytewise-send", send_bytewise, receive_by_read, 0},
    {"nonblocking-send", send_nonblocking, receive_by_read, LARGE},
    {"cold-page", send_cold, receive_by_read, 0},
    {"cold-page-body", send_cold, receive_by_read, MEDIUM},
    {"sendfile", send_body_by_sendfile, receive_by_read, MEDIUM},
    {"splice-send", send_body_by_splice, receive_by_read, LARGE},
    {"readv", send_by_write, receive_by_readv, 0},
    {"readv-tiny-first", send_by_write, receive_by_readv_tiny_first, 0},
    {"preadv2", send_by_write, receive_by_preadv2, 0},
    {"recv", send_by_write, receive_by_recv, 0},
    {"recvfrom", send_by_write, receive_by_recvfrom, 0},
    {"recvmsg", send_by_write, receive_by_recvmsg, 0},
    {"recvmmsg", send_by_write, receive_by_recvmmsg, 0},
    {"peek", send_by_write, receive_after_peek, 0},
    {"peek-body", send_by_write, receive_after_peek, MEDIUM},
    {"waitall", send_by_write, receive_with_waitall, MEDIUM},
    {"bytewise-receive", send_by_write, receive_bytewise, 0},
    {"bytewise-both", send_bytewise, receive_bytewise, 0},
    {"sevens", send_by_write, receive_by_sevens, 0},
    {"nonblocking-receive", send_by_write, receive_nonblocking, LARGE},
    {"msg-trunc", send_by_write, receive_body_truncated, MEDIUM},
    {"splice-receive", send_by_write, receive_body_by_splice, LARGE},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

long must(long result, const char *what) {
  if (result < 0) {
    perror(what);
    exit(1);
  }
  return result;
}

struct message {
  char *data;
  size_t size, head_bytes;
};

/* A message of its own memory: a zero-copy send may still read it when the next is made. Freed at the program's end. */
static struct message with_body(const char *head, size_t body_bytes) {
  struct message m = {.head_bytes = strlen(head)};
  m.size = m.head_bytes + body_bytes;
  m.data = malloc(m.size);
  if (!m.data) must(-1, "malloc");
  memcpy(m.data, head, m.head_bytes);
  memset(m.data + m.head_bytes, 'b', body_bytes);
  return m;
}

static const char *method_of(const struct kind *kind) { return kind->body_bytes ? "POST" : "GET"; }

static void path_of(char *path, size_t capacity, const struct kind *kind, const char *token, int turn) {
  snprintf(path, capacity, "/%s/%s-%d", kind->name, token, turn);
}

static struct message request_of(const struct kind *kind, const char *path) {
  char head[HEAD_MAX];
  if (kind->body_bytes)
    snprintf(head, sizeof head, "POST %s HTTP/1.1\r\nHost: calls.test\r\nContent-Length: %zu\r\n\r\n", path,
             kind->body_bytes);
  else
    snprintf(head, sizeof head, "GET %s HTTP/1.1\r\nHost: calls.test\r\n\r\n", path);
  return with_body(head, kind->body_bytes);
}

static struct message response_of(const struct kind *kind) {
  size_t body_bytes = kind->body_bytes ? kind->body_bytes : 5;
  char head[HEAD_MAX];
  snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", body_bytes);
  return with_body(head, body_bytes);
}

static void send_message(int fd, const struct kind *kind, struct message m) {
  kind->send(fd, m.data, m.size, m.head_bytes);
}

/* Takes the message `expected` and nothing else, or ends the program. */
static void receive_expected(int fd, const struct kind *kind, struct message expected) {
  char *data = malloc(expected.size);
  if (!data) must(-1, "malloc");
  kind->receive(fd, data, expected.size, expected.head_bytes);
  if (memcmp(data, expected.data, expected.head_bytes) != 0) {
    fprintf(stderr, "calls: %s: not the message that was sent\n", kind->name);
    exit(1);
  }
  free(data);
}

static int without_delay(int fd) {
  int on = 1;
  must(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "TCP_NODELAY");
  return fd;
}

static void serve(int listener, const char *token, FILE *log) {
  for (int i = 0; i < KINDS; ++i) {
    int fd = without_delay((int)must(accept(listener, NULL, NULL), "accept"));
    for (int turn = 0; turn < TURNS; ++turn) {
      char path[HEAD_MAX / 2];
      path_of(path, sizeof path, &kinds[i], token, turn);
      receive_expected(fd, &kinds[i], request_of(&kinds[i], path));
      send_message(fd, &kinds[i], response_of(&kinds[i]));
      fprintf(log, "%d %s %s 200\n", (int)getpid(), method_of(&kinds[i]), path);
    }
    must(close(fd), "close");
  }
}

static void ask(const struct sockaddr_in *address, const char *token, FILE *log) {
  for (int i = 0; i < KINDS; ++i) {
    int fd = without_delay((int)must(socket(AF_INET, SOCK_STREAM, 0), "socket"));
    must(connect(fd, (const struct sockaddr *)address, sizeof *address), "connect");
    for (int turn = 0; turn < TURNS; ++turn) {
      char path[HEAD_MAX / 2];
      path_of(path, sizeof path, &kinds[i], token, turn);
      send_message(fd, &kinds[i], request_of(&kinds[i], path));
      receive_expected(fd, &kinds[i], response_of(&kinds[i]));
      fprintf(log, "%d %s %s 200\n", (int)getpid(), method_of(&kinds[i]), path);
    }
    must(close(fd), "close");
  }
}

static FILE *open_log(const char *path) {
  FILE *log = fopen(path, "w");
  if (!log) must(-1, path);
  return log;
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: calls TOKEN CLIENT_LOG SERVER_LOG\n");
    return 2;
  }
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int listener = (int)must(socket(AF_INET, SOCK_STREAM, 0), "socket");
  must(bind(listener, (struct sockaddr *)&address, sizeof address), "bind");
  must(listen(listener, 8), "listen");
  must(getsockname(listener, (struct sockaddr *)&address, &length), "getsockname");

  pid_t server = (pid_t)must(fork(), "fork");
  if (server == 0) {
    FILE *log = open_log(argv[3]);
    serve(listener, argv[1], log);
    return fclose(log) == 0 ? 0 : 1;
  }
  must(close(listener), "close"); /* a server that dies refuses, so that the client does not wait for ever */
  FILE *log = open_log(argv[2]);
  ask(&address, argv[1], log);
  if (fclose(log) != 0) must(-1, "fclose");
  int status = 0;
  must(waitpid(server, &status, 0), "waitpid");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
