/* SPDX-License-Identifier: Apache-2.0 OR BSD-2-Clause OR GPL-2.0 */
/* Sizes that the kernel programs and the agent agree on, each with its reason. Plain C, no dependency. */
#ifndef SUTURE_WIRE_LIMITS_H
#define SUTURE_WIRE_LIMITS_H

/* Bytes of one message head that leave the kernel. nginx, Apache and Node accept heads of 8 to 16 KiB;
 * what is longer is truncated and counted, and still gives a span. */
#define SUTURE_HEAD_MAX 16384

/* First record of a message. Its data size is the smallest class that holds the call: one ring reservation
 * needs a constant size, and small records keep the ring's cache footprint small. */
#define SUTURE_CLASS_0 128
#define SUTURE_CLASS_1 256
#define SUTURE_CLASS_2 512
#define SUTURE_CLASS_3 1024

/* Following records of a long head or of a pipelined chunk; a head that is written byte by byte makes many. */
#define SUTURE_CLASS_TINY 32
#define SUTURE_PIECE 4096

/* Size of the ring buffer, unless the user wants more. 1 MiB holds 10 ms of 35 000 requests/s four times over; 16 MiB costs +900 ns a request
 * in cache misses. */
#define SUTURE_RING_BYTES (1u << 20)

/* Largest process id that can be marked: PID_MAX_LIMIT of 64-bit kernels (include/linux/threads.h). */
#define SUTURE_PID_MAX 4194304u

/* Slots of the per-CPU counter array. */
#define SUTURE_CPUS_MAX 512

/* Turns that may pass without anything like HTTP before a connection is judged. An unknown stream is judged soon;
 * one that has spoken HTTP may carry a body that goes both ways at once (a proxy, an echo), so it gets more. */
#define SUTURE_MISSES_UNKNOWN 4
#define SUTURE_MISSES_HTTP 64

#define SUTURE_EXEC_ARGS 512
#define SUTURE_EXEC_FILE 256

#endif
