#pragma once
// Sockhash: a BPF map of sockets whose sends pass a program that lets them pass, as service meshes do it. Sends of such
// sockets reach TCP as pages, not as user memory.

#include "base/fd.h"

namespace suture::kernel_test {

class Sockhash {
 public:
  Sockhash();
  /// An established TCP socket. False: the kernel refuses it.
  bool add(int socket);

 private:
  Fd map_, program_;
};

}  // namespace suture::kernel_test
