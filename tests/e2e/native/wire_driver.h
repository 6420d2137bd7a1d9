/* One exchange of wire_driver, with the kind of service that it drives. */
#pragma once

#include "wire.h"

struct outcome {
  const char *kind;
  int inserted;       /* headers */
  bool used_up;       /* the next exchange wants a connection of its own */
  uint64_t waited_ns; /* of the services that took part, for a CPU */
};

/* NULL, or what is wrong. */
typedef const char *exchange(int fd, uint64_t number, struct outcome *o);
exchange asked__exchange, proxied__exchange;

void proxied__learn(const char *file);
void proxied__remember(const char *file);
