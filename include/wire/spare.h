/* SPDX-License-Identifier: Apache-2.0 OR BSD-2-Clause OR GPL-2.0 */
/* Objects that are loaded more than once, so that a spare runs where the kernel leaves out a run of the first (bpf/core/spare.bpf.h). */
#ifndef SUTURE_WIRE_SPARE_H
#define SUTURE_WIRE_SPARE_H

#include "event.h"

/* Which of how many an object is: 0, with 1 of them, is alone; 0 of more is the first, and the others are spares. */
struct object_copy {
  __suture_u32 number, copies;
};

#define SUTURE_SPARED 4          /* programs of one object that can have spares */
#define SUTURE_SPARE_PLACES 1024 /* a power of two */

/* Of one program: the threads for which one of the copies has run, each in a place by itself and what it was about, until the last copy has
 * seen it. */
struct spare_done {
  __suture_u32 thread[SUTURE_SPARE_PLACES];
  __suture_u32 pad[16];
  __suture_u64 by_spares; /* runs of theirs */
};

#endif
