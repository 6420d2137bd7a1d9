/* SPDX-License-Identifier: Apache-2.0 OR BSD-2-Clause OR GPL-2.0 */
/* What one side writes into the ring and the other reads: one struct per kind of event, each beginning with a header.
 * Plain C. Both compilers check the layout. This is not the format of recordings (agent/recording/recording.proto). */
#ifndef SUTURE_WIRE_EVENT_H
#define SUTURE_WIRE_EVENT_H

#ifdef __cplusplus
#include <cstdint>
typedef std::uint8_t __suture_u8;
typedef std::uint16_t __suture_u16;
typedef std::uint32_t __suture_u32;
typedef std::uint64_t __suture_u64;
#define SUTURE_STATIC_ASSERT static_assert
#else
typedef unsigned char __suture_u8;
typedef unsigned short __suture_u16;
typedef unsigned int __suture_u32;
typedef unsigned long long __suture_u64;
#define SUTURE_STATIC_ASSERT _Static_assert
#endif

enum event_type {
  EVENT_DATA = 1,       /* struct event_data: bytes of a message, or the tail of a body */
  EVENT_CONNECTION = 2, /* struct event_connection: a connection was seen, moved on, or ended */
  EVENT_EXEC = 3,       /* struct event_exec */
  EVENT_FORK = 4,       /* struct event_fork: a new process, not a thread */
  EVENT_EXIT = 5,       /* struct event_exit: the last thread of a process is gone */
  EVENT_WITNESS = 6,    /* struct event_witness: what may link one request of a process to another */
  EVENT_WAKE = 7,       /* struct event_wake: one thread of a process woke another */
  EVENT_THREAD_EXIT = 8, /* struct event_thread_exit */
  EVENT_TRACE = 9,      /* struct event_trace: the trace of a request, as the kernel's programs decided it */
};

/* Direction as the process sees it. */
enum event_direction { DIRECTION_RECEIVE = 0, DIRECTION_SEND = 1 };

enum data_kind {
  DATA_START = 1,    /* begins like a message of HTTP/1 or FastCGI */
  DATA_CONTINUE = 2, /* goes on with a head, or is a chunk of a pipelined connection */
  DATA_TAIL = 3,     /* only the last bytes of a body: they read like the last chunk of a chunked one, or FastCGI's END_REQUEST */
};

enum connection_what {
  CONNECTION_OPEN = 1,     /* first message seen: names and addresses follow; always before its EVENT_DATA */
  CONNECTION_PROGRESS = 2, /* bytes moved since the last event of this connection, found by the sweep */
  CONNECTION_CLOSING = 3,  /* the process closed its end (both directions) */
  CONNECTION_CLOSED = 4,   /* the socket is gone: nothing follows */
};

enum connection_role { ROLE_UNKNOWN = 0, ROLE_CLIENT = 1, ROLE_SERVER = 2 };

enum connection_verdict {
  VERDICT_UNKNOWN = 0,
  VERDICT_HTTP = 1, /* carries requests that are read: HTTP/1, or FastCGI, as the first byte of its data tells */
  VERDICT_OTHER = 2,
  VERDICT_TLS = 3,
  VERDICT_HTTP2 = 4,
  VERDICT_UPGRADED = 5, /* spoke HTTP/1 until a 101 or a CONNECT tunnel */
  VERDICT_IGNORED = 6,  /* one end is the agent itself */
};

enum event_flags {
  DATA_EXACT = 1, /* event_data: the call moved exactly call_bytes; else that is an upper bound (send seen at entry) */
  DATA_NONBLOCKING = 2,   /* event_data, receive: the call would not have waited (O_NONBLOCK, MSG_DONTWAIT) */
  DATA_CONTEXT_SAME = 4,  /* event_data, start of a response: the thread's context is the request that it answers */
  DATA_CONTEXT_OTHER = 8, /* ... is another request; with neither it has none, or one that it has answered */
  /* event_data that begins a request: whole exchanges passed before it that were shed. end_seq and last_ns say where what
   * was reported ended, seq and answers_seq where the two directions stand now. */
  DATA_AFTER_SHED = 16,
  WAKE_SHARED = 32,       /* event_wake: threads with different requests have slept on the word at once; only word is set */
  WAKE_PASSED_ON = 64,    /* event_wake: another thread had read the answer, and had it passed on to the waker */
  WITNESS_STARTED = 128,  /* event_witness: the thread has worked on nothing; `thread` is what whoever started it worked on */
  THREAD_GONE = 256,      /* event_thread_exit: the thread has ended; else it sleeps */
  /* event_wake: the sleeper, a worker, waited for something to do, or at a lock that looks alike. Who is its own waker goes to sleep so.
   * Neither token nor context is set */
  WAKE_QUEUE = 512,
  /* event_wake: a thread with a request, its own waker, goes to sleep. word is since when it has been awake, in ns; 0: not known */
  WAKE_RAN = 1024,
  /* event_wake: the waker has read the answer, and hands it to the sleeper, a worker that had nothing to do, or that begins now. Neither
   * word nor context is set */
  WAKE_HANDS_ANSWER = 2048,
  EVENT_AFTER_LOSS = 4096, /* any event: others were lost since the last one that said so */
  WAKE_UNTIMED = 8192,     /* with WAKE_RAN: it sleeps at a futex until another thread wakes it; */
  WAKE_TIMED = 16384,      /* or for a time at most. With neither it waits for something else */
};

struct event_header {
  __suture_u16 type;    /* enum event_type */
  __suture_u16 flags;   /* enum event_flags */
  __suture_u32 size;    /* bytes of the whole event that count, header included; the ring record may be longer */
  __suture_u64 time_ns; /* CLOCK_MONOTONIC; for sends not later than the moment the bytes could leave */
};

/* One socket operation whose bytes matter. Positions are TCP sequence numbers. */
struct event_data {
  struct event_header header;
  __suture_u64 connection;       /* name of the connection while the programs are attached, never reused */
  __suture_u64 process_start_ns; /* CLOCK_BOOTTIME of the process's start: with tgid it names a process */
  __suture_u32 tgid, tid;        /* in the initial PID namespace */
  __suture_u64 last_ns[2];       /* per direction: time of the last operation before this one, 0 = none seen */
  __suture_u32 end_seq[2];       /* per direction: sequence number after the last byte moved before this operation */
  __suture_u32 seq;              /* sequence number of data[0] */
  __suture_u32 call_bytes;       /* bytes the call moves from seq on; at least data_bytes. For sends seen at entry an upper bound */
  __suture_u32 wait_ns;          /* receive: time from the last segment's arrival to this read, 0 = unknown, saturates */
  __suture_u16 data_bytes;       /* bytes in data */
  __suture_u8 direction;         /* enum event_direction */
  __suture_u8 kind;              /* enum data_kind */
  __suture_u32 answers_seq;      /* with DATA_AFTER_SHED: sequence number after the last byte of the other direction */
  __suture_u32 pad;
  __suture_u8 data[];
};

/* State of a connection, from the socket alone. */
struct event_connection {
  struct event_header header;
  __suture_u64 connection;
  __suture_u64 process_start_ns; /* process that opened it or first used it; 0 = unknown */
  __suture_u32 tgid, tid;
  __suture_u64 last_ns[2];
  __suture_u32 end_seq[2];
  __suture_u32 isn_own, isn_peer; /* initial sequence numbers: the SYN's own numbers. Valid when have_isn */
  __suture_u64 opened_ns;         /* CLOCK_MONOTONIC of the connect or accept, 0 = opened before the agent looked */
  __suture_u64 established_ns;    /* CLOCK_MONOTONIC of the handshake's end, 0 = unknown or failed */
  __suture_u64 sent_bytes, received_bytes; /* payload, from the socket's own counters */
  __suture_u32 retransmits;
  __suture_u32 netns_inode;
  __suture_u8 local_address[16], remote_address[16]; /* IPv4 in the first 4 bytes */
  __suture_u16 local_port, remote_port;              /* host byte order */
  __suture_u16 error;                                /* errno of the socket (ECONNRESET, ETIMEDOUT, ...), 0 = none */
  __suture_u8 family;                                /* AF_INET 2, AF_INET6 10, AF_UNIX 1 */
  __suture_u8 what;                                  /* enum connection_what */
  __suture_u8 role;                                  /* enum connection_role, as far as the handshake tells */
  __suture_u8 verdict;                               /* enum connection_verdict */
  __suture_u8 have_isn;
  __suture_u8 peer_closed; /* the peer's FIN was seen before our own close */
  __suture_u8 pad[4];
};

/* CONNECTION_OPEN of a Unix socket: the addresses it is bound to. A client seldom is to any. */
struct event_unix_connection {
  struct event_connection connection; /* without addresses and ports; the initial sequence numbers are drawn, not TCP's */
  __suture_u16 local_bytes, remote_bytes; /* in the paths; 0: none */
  char local_path[108], remote_path[108]; /* an abstract name begins with NUL (unix(7)) */
  __suture_u32 pad;
};

struct event_exec {
  struct event_header header;
  __suture_u64 process_start_ns;
  __suture_u64 cgroup_id;
  __suture_u32 tgid;
  __suture_u16 file_bytes; /* bytes in file */
  __suture_u16 args_bytes; /* bytes in args: NUL-separated, as in /proc/PID/cmdline */
  char file[256];
  char args[512];
};

/* One of the moments of an exchange at which the kernel may know more than the bytes say. */
enum witness_point {
  WITNESS_REQUEST_READ = 0,
  WITNESS_REQUEST_SENT = 1,
  WITNESS_RESPONSE_READ = 2,
  WITNESS_RESPONSE_SENT = 3,
};

/* A request that was read, as a thread's context names it. */
struct witness_context {
  __suture_u64 connection; /* 0: none */
  __suture_u32 seq;        /* of the request's first byte; without a connection not 0: one of several, and nobody knows which */
  __suture_u32 pad;
};

/* Of a request, or of one of several: not of none. */
static inline int witness_context_tells(struct witness_context context) { return context.connection || context.seq; }

#define SUTURE_WITNESS_VALUES 6

/* Follows the EVENT_DATA of a head, from the same operation; that of a response that is sent precedes it. Of a request that
 * was sent always; at the other points only where a runtime's waiting requests are looked for. */
struct event_witness {
  struct event_header header;    /* size says how many values there are */
  __suture_u64 process_start_ns;
  __suture_u64 connection;       /* of the head */
  __suture_u32 tgid, tid;
  __suture_u32 seq;              /* first byte of the exchange's request */
  __suture_u8 point;             /* enum witness_point */
  __suture_u8 runtime;           /* enum runtime_kind of the values */
  __suture_u8 values;            /* that are set */
  __suture_u8 pad;
  struct witness_context thread; /* request whose bytes, or whose calls' answers, the thread read last */
  struct witness_context bound;  /* the same when the connection was opened, for its first request */
  __suture_u64 value[SUTURE_WITNESS_VALUES]; /* addresses and numbers of the process's runtime: equal ones are the same thing */
};

/* A thread that has read the answer to a request that nobody owns woke one that had slept for longer, in a process whose
 * threads send requests for each other. */
struct event_wake {
  struct event_header header;
  __suture_u64 process_start_ns;
  __suture_u32 tgid, tid;         /* the waker */
  __suture_u32 sleeper;           /* tid of whom it woke */
  __suture_u32 pad;
  __suture_u64 word;              /* address that the sleeper waited at; the two words of a condition variable are one */
  struct witness_context token;   /* the request sent whose answer the waker read last */
  struct witness_context context; /* the request that the sleeper read last */
};

struct event_fork {
  struct event_header header;
  __suture_u64 parent_start_ns, child_start_ns;
  __suture_u32 parent_tgid, child_tgid;
};

struct event_exit {
  struct event_header header;
  __suture_u64 process_start_ns;
  __suture_u32 tgid;
  __suture_u32 pad;
};

/* A thread that was started by one that worked on a request, and has sent requests itself, is gone, or sleeps at a word on its own stack: so
 * Ruby keeps its threads until another is to be started, and so any thread of musl's waits at a condition variable. */
struct event_thread_exit {
  struct event_header header;
  __suture_u64 process_start_ns;
  __suture_u32 tgid, tid;
};

enum trace_what {
  TRACE_BEGUN = 1,   /* follows the EVENT_DATA of a request that was read without a context: if it begins a trace, this one */
  TRACE_WRITTEN = 2, /* precedes the EVENT_DATA of a request that is sent: the context with these ids is on the wire with it */
  TRACE_CARRIED = 3, /* precedes that of a request that is read: an agent of another host has sent its trace along */
};

/* Only where trace context is written onto the wire (wire/trace.h). */
struct event_trace {
  struct event_header header;
  __suture_u64 process_start_ns;
  __suture_u64 connection;      /* of the request */
  __suture_u32 tgid, tid;
  __suture_u32 seq;             /* of the request's first byte */
  __suture_u32 call_bytes;      /* TRACE_WRITTEN in a head: of the call as its process made it; 0: nothing was inserted */
  __suture_u16 inserted_at;     /* bytes of the call before the header line that was inserted */
  __suture_u16 inserted_bytes;  /* of that line, and of a second one with the tracestate: both follow this event then */
  __suture_u8 what;             /* enum trace_what */
  __suture_u8 trace_flags;      /* of the context */
  __suture_u8 pad[2];
  struct witness_context cause; /* TRACE_WRITTEN: the request received that it was sent for */
  __suture_u8 trace_id[16];
  __suture_u8 span_id[8];       /* TRACE_WRITTEN in a head: of the span that sends; else it is derived as ever */
};

SUTURE_STATIC_ASSERT(sizeof(struct event_trace) == 96, "wire layout");
SUTURE_STATIC_ASSERT(sizeof(struct event_header) == 16, "wire layout");
SUTURE_STATIC_ASSERT(sizeof(struct event_data) == 88, "wire layout");
SUTURE_STATIC_ASSERT(sizeof(struct event_connection) == 160, "wire layout");
SUTURE_STATIC_ASSERT(sizeof(struct event_unix_connection) == 384, "wire layout");
SUTURE_STATIC_ASSERT(sizeof(struct event_exec) == 808, "wire layout");
SUTURE_STATIC_ASSERT(sizeof(struct event_fork) == 40, "wire layout");
SUTURE_STATIC_ASSERT(sizeof(struct event_exit) == 32, "wire layout");
SUTURE_STATIC_ASSERT(sizeof(struct event_thread_exit) == 32, "wire layout");
SUTURE_STATIC_ASSERT(sizeof(struct event_wake) == 80, "wire layout");
SUTURE_STATIC_ASSERT(sizeof(struct event_witness) == 80 + 8 * SUTURE_WITNESS_VALUES, "wire layout");

#endif
