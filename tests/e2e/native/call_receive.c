/* Every way to receive a message: see calls.h. */
#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { TINY = 2, MIDDLE = 5, SEVEN = 7, PIECE = 64 };

/* As must(), and the end of the stream is an error too. */
static size_t some(long result, const char *what) {
  must(result, what);
  if (result == 0) {
    fprintf(stderr, "calls: %s: the other side has closed\n", what);
    exit(1);
  }
  return (size_t)result;
}

void receive_by_read(int fd, char *data, size_t size, size_t head_bytes) {
  (void)head_bytes;
  for (size_t done = 0; done < size;) done += some(read(fd, data + done, size - done), "read");
}

void receive_by_readv(int fd, char *data, size_t size, size_t head_bytes) {
  (void)head_bytes;
  for (size_t done = 0; done < size;) {
    struct iovec vector = {data + done, size - done};
    done += some(readv(fd, &vector, 1), "readv");
  }
}

void receive_by_readv_tiny_first(int fd, char *data, size_t size, size_t head_bytes) {
  struct iovec vector[3] = {{data, TINY}, {data + TINY, MIDDLE}, {data + TINY + MIDDLE, size - TINY - MIDDLE}};
  size_t done = some(readv(fd, vector, 3), "readv");
  receive_by_read(fd, data + done, size - done, head_bytes);
}

void receive_by_preadv2(int fd, char *data, size_t size, size_t head_bytes) {
  struct iovec vector = {data, size};
  size_t done = some(preadv2(fd, &vector, 1, -1, 0), "preadv2");
  receive_by_read(fd, data + done, size - done, head_bytes);
}

void receive_by_recv(int fd, char *data, size_t size, size_t head_bytes) {
  (void)head_bytes;
  for (size_t done = 0; done < size;) done += some(recv(fd, data + done, size - done, 0), "recv");
}

void receive_by_recvfrom(int fd, char *data, size_t size, size_t head_bytes) {
  (void)head_bytes;
  struct sockaddr_storage from;
  for (size_t done = 0; done < size;) {
    socklen_t length = sizeof from;
    done += some(recvfrom(fd, data + done, size - done, 0, (struct sockaddr *)&from, &length), "recvfrom");
  }
}

void receive_by_recvmsg(int fd, char *data, size_t size, size_t head_bytes) {
  (void)head_bytes;
  for (size_t done = 0; done < size;) {
    struct iovec vector = {data + done, size - done};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    done += some(recvmsg(fd, &message, 0), "recvmsg");
  }
}

/* In pieces so small that the head takes several messages of one call. */
void receive_by_recvmmsg(int fd, char *data, size_t size, size_t head_bytes) {
  (void)head_bytes;
  for (size_t done = 0; done < size;) {
    size_t left = size - done, first = left < PIECE ? left : PIECE / 2, second = left - first;
    if (second > PIECE) second = PIECE;
    struct iovec vectors[2] = {{data + done, first}, {data + done + first, second}};
    struct mmsghdr messages[2] = {{.msg_hdr = {.msg_iov = &vectors[0], .msg_iovlen = 1}},
                                  {.msg_hdr = {.msg_iov = &vectors[1], .msg_iovlen = 1}}};
    long count = must(recvmmsg(fd, messages, second ? 2 : 1, MSG_WAITFORONE, NULL), "recvmmsg");
    size_t received = messages[0].msg_len;
    if (received == first && count == 2) received += messages[1].msg_len;
    done += some((long)received, "recvmmsg");
  }
}

void receive_after_peek(int fd, char *data, size_t size, size_t head_bytes) {
  some(recv(fd, data, SEVEN, MSG_PEEK), "recv with MSG_PEEK");
  some(recv(fd, data, size, MSG_PEEK), "recv with MSG_PEEK");
  receive_by_recv(fd, data, size, head_bytes);
}

void receive_with_waitall(int fd, char *data, size_t size, size_t head_bytes) {
  (void)head_bytes;
  for (size_t done = 0; done < size;)
    done += some(recv(fd, data + done, size - done, MSG_WAITALL), "recv with MSG_WAITALL");
}

void receive_bytewise(int fd, char *data, size_t size, size_t head_bytes) {
  (void)head_bytes;
  for (size_t i = 0; i < size; ++i) some(read(fd, data + i, 1), "read of one byte");
}

void receive_by_sevens(int fd, char *data, size_t size, size_t head_bytes) {
  (void)head_bytes;
  for (size_t done = 0; done < size;)
    done += some(recv(fd, data + done, size - done < SEVEN ? size - done : SEVEN, 0), "recv of seven bytes");
}

void receive_nonblocking(int fd, char *data, size_t size, size_t head_bytes) {
  (void)head_bytes;
  for (size_t done = 0; done < size;) {
    ssize_t received = recv(fd, data + done, size - done, MSG_DONTWAIT);
    if (received < 0 && errno == EAGAIN) {
      struct pollfd readable = {.fd = fd, .events = POLLIN};
      must(poll(&readable, 1, -1), "poll");
      continue;
    }
    done += some(received, "recv without waiting");
  }
}

/* The body is thrown away in the kernel (tcp(7), MSG_TRUNC): the buffer is never written. */
void receive_body_truncated(int fd, char *data, size_t size, size_t head_bytes) {
  receive_by_read(fd, data, head_bytes, head_bytes);
  for (size_t done = head_bytes; done < size;)
    done += some(recv(fd, NULL, size - done, MSG_TRUNC), "recv with MSG_TRUNC");
}

void receive_body_by_splice(int fd, char *data, size_t size, size_t head_bytes) {
  receive_by_read(fd, data, head_bytes, head_bytes);
  int nowhere = (int)must(open("/dev/null", O_WRONLY | O_CLOEXEC), "open /dev/null");
  int ends[2];
  must(pipe(ends), "pipe");
  for (size_t done = head_bytes; done < size;) {
    size_t in_pipe = some(splice(fd, NULL, ends[1], NULL, size - done, 0), "splice from a socket");
    done += in_pipe;
    while (in_pipe > 0) in_pipe -= some(splice(ends[0], NULL, nowhere, NULL, in_pipe, 0), "splice to /dev/null");
  }
  must(close(ends[0]), "close");
  must(close(ends[1]), "close");
  must(close(nowhere), "close");
}
