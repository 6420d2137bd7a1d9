#pragma once
// Ring: an io_uring of one operation at a time.

#include <liburing.h>

#include <string>

#include "child.h"

namespace suture::kernel_test {

class Ring {
 public:
  Ring() { need(::io_uring_queue_init(4, &ring_, 0) == 0, "io_uring_queue_init"); }
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  ~Ring() { ::io_uring_queue_exit(&ring_); }

  int send(int fd, const std::string& bytes) {
    io_uring_sqe* entry = ::io_uring_get_sqe(&ring_);
    ::io_uring_prep_send(entry, fd, bytes.data(), bytes.size(), 0);
    return result();
  }
  int receive(int fd, std::string& into) {
    io_uring_sqe* entry = ::io_uring_get_sqe(&ring_);
    ::io_uring_prep_recv(entry, fd, into.data(), into.size(), 0);
    return result();
  }

 private:
  int result() {
    io_uring_cqe* done = nullptr;
    need(::io_uring_submit_and_wait(&ring_, 1) >= 0 && ::io_uring_wait_cqe(&ring_, &done) == 0, "io_uring");
    const int result = done->res;
    ::io_uring_cqe_seen(&ring_, done);
    return result;
  }

  io_uring ring_{};
};

}  // namespace suture::kernel_test
