/* Every way to send a message: see calls.h. */
#include "calls.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <fcntl.h>
#include <unistd.h>

enum { TINY = 2, MIDDLE = 5 }; /* a first buffer too short to tell a method, and one in the middle of the path */

void send_by_write(int fd, const char *data, size_t size, size_t head_bytes) {
  (void)head_bytes;
  while (size > 0) {
    size_t sent = (size_t)must(write(fd, data, size), "write");
    data += sent;
    size -= sent;
  }
}

/* Fills up to three buffers: two bytes, five bytes, the rest. Returns how many. */
static int in_three(struct iovec *vector, const char *data, size_t size) {
  vector[0] = (struct iovec){(void *)data, TINY};
  vector[1] = (struct iovec){(void *)(data + TINY), MIDDLE};
  vector[2] = (struct iovec){(void *)(data + TINY + MIDDLE), size - TINY - MIDDLE};
  return 3;
}

void send_by_writev(int fd, const char *data, size_t size, size_t head_bytes) {
  struct iovec vector = {(void *)data, size};
  size_t sent = (size_t)must(writev(fd, &vector, 1), "writev");
  send_by_write(fd, data + sent, size - sent, head_bytes);
}

void send_by_writev_tiny_first(int fd, const char *data, size_t size, size_t head_bytes) {
  struct iovec vector[3];
  size_t sent = (size_t)must(writev(fd, vector, in_three(vector, data, size)), "writev");
  send_by_write(fd, data + sent, size - sent, head_bytes);
}

void send_by_pwritev2(int fd, const char *data, size_t size, size_t head_bytes) {
  struct iovec vector = {(void *)data, size};
  size_t sent = (size_t)must(pwritev2(fd, &vector, 1, -1, 0), "pwritev2");
  send_by_write(fd, data + sent, size - sent, head_bytes);
}

void send_by_send(int fd, const char *data, size_t size, size_t head_bytes) {
  size_t sent = (size_t)must(send(fd, data, size, MSG_NOSIGNAL), "send");
  if (sent < size) send_by_send(fd, data + sent, size - sent, head_bytes);
}

void send_by_sendto(int fd, const char *data, size_t size, size_t head_bytes) {
  size_t sent = (size_t)must(sendto(fd, data, size, 0, NULL, 0), "sendto");
  if (sent < size) send_by_sendto(fd, data + sent, size - sent, head_bytes);
}

void send_by_sendmsg(int fd, const char *data, size_t size, size_t head_bytes) {
  struct iovec vector = {(void *)data, size};
  struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
  size_t sent = (size_t)must(sendmsg(fd, &message, 0), "sendmsg");
  if (sent < size) send_by_sendmsg(fd, data + sent, size - sent, head_bytes);
}

void send_by_sendmsg_tiny_first(int fd, const char *data, size_t size, size_t head_bytes) {
  struct iovec vector[3];
  struct msghdr message = {.msg_iov = vector, .msg_iovlen = (size_t)in_three(vector, data, size)};
  size_t sent = (size_t)must(sendmsg(fd, &message, 0), "sendmsg");
  send_by_write(fd, data + sent, size - sent, head_bytes);
}

/* The head begins in the first message of the call and ends in the second. */
void send_by_sendmmsg(int fd, const char *data, size_t size, size_t head_bytes) {
  size_t half = head_bytes / 2;
  struct iovec vectors[2] = {{(void *)data, half}, {(void *)(data + half), size - half}};
  struct mmsghdr messages[2] = {{.msg_hdr = {.msg_iov = &vectors[0], .msg_iovlen = 1}},
                                {.msg_hdr = {.msg_iov = &vectors[1], .msg_iovlen = 1}}};
  long count = must(sendmmsg(fd, messages, 2, 0), "sendmmsg");
  size_t sent = 0;
  for (long i = 0; i < count; ++i) sent += messages[i].msg_len;
  send_by_write(fd, data + sent, size - sent, head_bytes);
}

void send_with_more(int fd, const char *data, size_t size, size_t head_bytes) {
  size_t sent = (size_t)must(send(fd, data, head_bytes / 2, MSG_MORE), "send with MSG_MORE");
  send_by_send(fd, data + sent, size - sent, head_bytes);
}

void send_with_zerocopy(int fd, const char *data, size_t size, size_t head_bytes) {
  int on = 1;
  must(setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &on, sizeof on), "SO_ZEROCOPY");
  /* The completions stay in the error queue: the pages of `data` are not written again. */
  size_t sent = (size_t)must(send(fd, data, size, MSG_ZEROCOPY), "send with MSG_ZEROCOPY");
  send_by_write(fd, data + sent, size - sent, head_bytes);
}

void send_bytewise(int fd, const char *data, size_t size, size_t head_bytes) {
  (void)head_bytes;
  for (size_t i = 0; i < size; ++i) must(send(fd, data + i, 1, 0), "send of one byte");
}

void send_nonblocking(int fd, const char *data, size_t size, size_t head_bytes) {
  (void)head_bytes;
  while (size > 0) {
    ssize_t sent = send(fd, data, size, MSG_DONTWAIT);
    if (sent < 0 && errno == EAGAIN) {
      struct pollfd writable = {.fd = fd, .events = POLLOUT};
      must(poll(&writable, 1, -1), "poll");
      continue;
    }
    must(sent, "send without waiting");
    data += sent;
    size -= (size_t)sent;
  }
}

static int file_of(const char *data, size_t size) {
  int file = (int)must(memfd_create("body", MFD_CLOEXEC), "memfd_create");
  size_t written = 0;
  while (written < size) written += (size_t)must(write(file, data + written, size - written), "write to a memfd");
  must(lseek(file, 0, SEEK_SET), "lseek");
  return file;
}

/* From a page that this process has mapped and never touched: the send itself is the first to need it. */
void send_cold(int fd, const char *data, size_t size, size_t head_bytes) {
  int file = file_of(data, size);
  void *page = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
  if (page == MAP_FAILED) must(-1, "mmap");
  size_t sent = (size_t)must(write(fd, page, size), "write from a cold page");
  send_by_write(fd, data + sent, size - sent, head_bytes);
  must(munmap(page, size), "munmap");
  must(close(file), "close");
}

void send_body_by_sendfile(int fd, const char *data, size_t size, size_t head_bytes) {
  send_by_write(fd, data, head_bytes, head_bytes);
  int file = file_of(data + head_bytes, size - head_bytes);
  size_t left = size - head_bytes;
  while (left > 0) left -= (size_t)must(sendfile(fd, file, NULL, left), "sendfile");
  must(close(file), "close");
}

void send_body_by_splice(int fd, const char *data, size_t size, size_t head_bytes) {
  send_by_write(fd, data, head_bytes, head_bytes);
  int file = file_of(data + head_bytes, size - head_bytes);
  int ends[2];
  must(pipe(ends), "pipe");
  size_t left = size - head_bytes;
  while (left > 0) {
    size_t in_pipe = (size_t)must(splice(file, NULL, ends[1], NULL, left, 0), "splice into a pipe");
    left -= in_pipe;
    while (in_pipe > 0)
      in_pipe -= (size_t)must(splice(ends[0], NULL, fd, NULL, in_pipe, left ? SPLICE_F_MORE : 0), "splice to a socket");
  }
  must(close(ends[0]), "close");
  must(close(ends[1]), "close");
  must(close(file), "close");
}
