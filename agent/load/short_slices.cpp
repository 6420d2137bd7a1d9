#include "load/short_slices.h"

// No header of the standard library here: <sched.h>, which they bring, and this one define the same struct.
#include <linux/sched.h>
#include <linux/sched/types.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace suture {

bool run_in_short_slices() {
  sched_attr attributes{};
  attributes.size = sizeof(attributes);
  attributes.sched_policy = SCHED_NORMAL;
  attributes.sched_nice = ::getpriority(PRIO_PROCESS, 0);
  attributes.sched_runtime = 100'000;  // ns, the least that the kernel grants (kernel/sched/syscalls.c)
  return ::syscall(SYS_sched_setattr, 0, &attributes, 0) == 0;
}

}  // namespace suture
