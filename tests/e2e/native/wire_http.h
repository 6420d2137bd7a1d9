/* As much of HTTP/1 as wire_mirror and its client need of each other. */
#pragma once

#include "wire.h"

/* Reads on until the body behind a head of `head` bytes is whole. The bytes of the message, or 0: the connection ended before. `body`: it,
 * without the chunks' sizes. */
size_t read_body(struct bytes *message, size_t head, int fd, struct bytes *body);
uint64_t sum_of(const char *data, size_t size);

/* What an answer is filled with: the same bytes for each. */
void add_filling(struct bytes *b, size_t size);
