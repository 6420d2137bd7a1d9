#include "export/named_thread.h"

#include <pthread.h>
#include <signal.h>

#include <cassert>
#include <cstring>
#include <utility>

namespace suture {

std::thread start_thread(const char* name, std::function<void()> body) {
  assert(std::strlen(name) <= 15);
  // The mask is inherited: set around the creation, there is no moment in which the new thread could take a signal.
  sigset_t blocked;
  sigset_t before;
  sigfillset(&blocked);
  for (int fault : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS}) sigdelset(&blocked, fault);
  pthread_sigmask(SIG_SETMASK, &blocked, &before);
  std::thread thread([name, body = std::move(body)] {
    pthread_setname_np(pthread_self(), name);
    body();
  });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace suture
