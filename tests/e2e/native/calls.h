/* The kinds of system calls that carry a message over a socket, for calls.c. */
#pragma once

#include <stddef.h>

/* Sends all of `data` over `fd`. `head_bytes` of them are the message's head. */
typedef void send_call(int fd, const char *data, size_t size, size_t head_bytes);

/* Takes exactly `size` bytes from `fd`; those of the body need not be kept. */
typedef void receive_call(int fd, char *data, size_t size, size_t head_bytes);

send_call send_by_write, send_by_writev, send_by_writev_tiny_first, send_by_pwritev2, send_by_send, send_by_sendto,
    send_by_sendmsg, send_by_sendmsg_tiny_first, send_by_sendmmsg, send_with_more, send_with_zerocopy, send_bytewise,
    send_nonblocking, send_cold, send_body_by_sendfile, send_body_by_splice;

receive_call receive_by_read, receive_by_readv, receive_by_readv_tiny_first, receive_by_preadv2, receive_by_recv,
    receive_by_recvfrom, receive_by_recvmsg, receive_by_recvmmsg, receive_after_peek, receive_with_waitall,
    receive_bytewise, receive_by_sevens, receive_nonblocking, receive_body_truncated, receive_body_by_splice;

/* Ends the program unless `result` is at least 0; returns it. */
long must(long result, const char *what);
