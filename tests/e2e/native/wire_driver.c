/* wire_driver asked|proxied HOST PORT FROM COUNT AT_ONCE RATE LEARNED: has messages FROM.. sent, says `half` when half of them
 * are through, and in JSON how it went.
 *
 * asked: by wire_writer. proxied: through a proxy to wire_mirror; what the proxy makes of a head is in the file LEARNED, or is put there.
 * RATE messages a second, if so many can be, AT_ONCE at most on their way: on a machine without a moment's rest nobody could tell a stall.
 * A stall is what a message takes over 50 ms without the time in which those who took part in it waited for a CPU. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "wire_driver.h"

enum { MOST_AT_ONCE = 256, MOST_KINDS = 32, PROBLEMS_SHOWN = 20, GIVES_UP_SECONDS = 60, STALL_NS = 50000000, PROBLEM_BYTES = 256 };

static struct {
  exchange *exchange;
  const char *host;
  int port;
  uint64_t next, end, begin_ns, every_ns;
  pthread_mutex_t lock;
  uint32_t *took_us; /* by message */
  uint64_t first, longest_stall_ns, problem_count, over, stalls;
  struct {
    const char *name;
    uint64_t count, inserted, longest_ns;
  } kinds[MOST_KINDS];
  char problems[PROBLEMS_SHOWN][PROBLEM_BYTES];
} run = {.lock = PTHREAD_MUTEX_INITIALIZER};

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

const char *asked__exchange(int fd, uint64_t number, struct outcome *o) {
  static _Thread_local struct bytes answer;
  static _Thread_local char kind[32], word[160];
  char request[128];
  int size = snprintf(request, sizeof(request), "GET /x/%llu HTTP/1.1\r\nHost: h\r\n\r\n", (unsigned long long)number);
  o->kind = "?";
  answer.size = 0;
  if (!write_all(fd, request, (size_t)size)) return "not sent";
  size_t head = bytes__read_head(&answer, fd);
  const char *length = head ? field(answer.data, head, "content-length:") : NULL, *waited = head ? field(answer.data, head, "x-waited:") : NULL;
  if (!length || !waited) return "no answer";
  while (answer.size < head + strtoull(length, NULL, 10))
    if (bytes__read(&answer, fd) <= 0) return "half an answer";
  o->waited_ns = strtoull(waited, NULL, 10);
  bytes__add(&answer, "", 1);
  if (sscanf(answer.data + head, "%31s %d %159[^\n]", kind, &o->inserted, word) != 3) return "an odd answer";
  o->kind = kind;
  return strcmp(word, "same") == 0 ? NULL : word;
}

static void note(uint64_t number, const struct outcome *o, const char *problem, uint64_t took_ns, uint64_t waited) {
  uint64_t stall = took_ns > waited ? took_ns - waited : 0;
  pthread_mutex_lock(&run.lock);
  run.took_us[number - run.first] = (uint32_t)(took_ns / 1000);
  if (stall > run.longest_stall_ns) run.longest_stall_ns = stall;
  if (took_ns > STALL_NS) run.over++;
  if (stall > STALL_NS) run.stalls++;
  int i = 0;
  while (i < MOST_KINDS - 1 && run.kinds[i].name && strcmp(run.kinds[i].name, o->kind) != 0) i++;
  if (!run.kinds[i].name) run.kinds[i].name = strdup(o->kind);
  run.kinds[i].count++;
  if (took_ns > run.kinds[i].longest_ns) run.kinds[i].longest_ns = took_ns;
  run.kinds[i].inserted += (uint64_t)o->inserted;
  if (problem && run.problem_count++ < PROBLEMS_SHOWN)
    snprintf(run.problems[run.problem_count - 1], PROBLEM_BYTES, "message %llu, %s: %s", (unsigned long long)number, o->kind, problem);
  pthread_mutex_unlock(&run.lock);
}

static int open_connection(void) {
  struct timeval most = {.tv_sec = GIVES_UP_SECONDS};
  int fd = must(connect_to(run.host, run.port), "connect");
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof(most));
  return fd;
}

/* Until it is message `number`'s turn. */
static void await_turn(uint64_t number) {
  uint64_t at = run.begin_ns + (number - run.first) * run.every_ns;
  struct timespec until = {.tv_sec = (time_t)(at / 1000000000), .tv_nsec = (long)(at % 1000000000)};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

static void *drive(void *unused) {
  (void)unused;
  int fd = open_connection();
  for (uint64_t number; (number = __atomic_fetch_add(&run.next, 1, __ATOMIC_RELAXED)) < run.end;) {
    struct outcome o = {0};
    await_turn(number);
    waited_ns();
    uint64_t begin = now_ns();
    const char *problem = run.exchange(fd, number, &o);
    uint64_t took = now_ns() - begin;
    note(number, &o, problem, took, o.waited_ns + waited_ns());
    if (number == run.first + (run.end - run.first) / 2) {
      puts("half");
      fflush(stdout);
    }
    if (!problem && !o.used_up) continue;
    close(fd); /* with a problem who knows what is still to come on it */
    fd = open_connection();
  }
  close(fd);
  return NULL;
}

static int compare(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

static void report(double seconds) {
  uint64_t count = run.end - run.first;
  qsort(run.took_us, count, sizeof(*run.took_us), compare);
  printf("{\"messages\": %llu, \"seconds\": %.1f, \"p50_us\": %u, \"p99_us\": %u, \"over_50_ms\": %llu, \"longest_stall_ms\": %.1f, \"stalls\": %llu, \"problem_count\": %llu, \"problems\": [",
         (unsigned long long)count, seconds, run.took_us[count / 2], run.took_us[count * 99 / 100], (unsigned long long)run.over,
         (double)run.longest_stall_ns / 1e6, (unsigned long long)run.stalls, (unsigned long long)run.problem_count);
  for (uint64_t i = 0; i < run.problem_count && i < PROBLEMS_SHOWN; i++) printf("%s\"%s\"", i ? ", " : "", run.problems[i]);
  printf("], \"inserted\": {");
  for (int i = 0; i < MOST_KINDS && run.kinds[i].name; i++)
    printf("%s\"%s\": %llu", i ? ", " : "", run.kinds[i].name, (unsigned long long)run.kinds[i].inserted);
  printf("}, \"longest_ms\": {");
  for (int i = 0; i < MOST_KINDS && run.kinds[i].name; i++)
    printf("%s\"%s\": %.1f", i ? ", " : "", run.kinds[i].name, (double)run.kinds[i].longest_ns / 1e6);
  printf("}}\n");
}

int main(int argc, char **argv) {
  if (argc != 9) must(-1, "usage: wire_driver asked|proxied HOST PORT FROM COUNT AT_ONCE RATE LEARNED");
  bool proxied = strcmp(argv[1], "proxied") == 0;
  run.exchange = proxied ? proxied__exchange : asked__exchange;
  run.host = argv[2];
  run.port = atoi(argv[3]);
  run.next = run.first = strtoull(argv[4], NULL, 10);
  run.end = run.first + strtoull(argv[5], NULL, 10);
  run.took_us = calloc(run.end - run.first + 1, sizeof(*run.took_us));
  proxied__learn(argv[8]);
  int threads = atoi(argv[6]);
  pthread_t thread[MOST_AT_ONCE];
  if (threads > MOST_AT_ONCE) threads = MOST_AT_ONCE;
  run.every_ns = 1000000000 / strtoull(argv[7], NULL, 10);
  run.begin_ns = now_ns();
  for (int i = 0; i < threads; i++) must(-pthread_create(&thread[i], NULL, drive, NULL), "thread");
  for (int i = 0; i < threads; i++) pthread_join(thread[i], NULL);
  proxied__remember(argv[8]);
  report((double)(now_ns() - run.begin_ns) / 1e9);
  return 0;
}
