// What a Rust program with tokio has in it for the finder to see. Says where its waker's table is and how far below the thread pointer its
// context is; ends when its input does.
#include <unistd.h>

#include <cstdint>
#include <cstdio>

__asm__(".section .comment\n.asciz \"rustc version 1.95.0 (59807616e 2026-04-14)\"\n.text");

extern "C" {
const std::uint64_t waker_table[4] __asm__("_ZN5tokio7runtime4task5waker12WAKER_VTABLE17hd7a47a4f6a3dfc41E") = {1, 2, 3, 4};
#ifdef TWO_VERSIONS
[[gnu::used]] const std::uint64_t other_table[4] __asm__("_ZN5tokio7runtime4task5waker12WAKER_VTABLE17h0123456789abcdefE") = {5, 6, 7, 8};
#endif
thread_local std::uint64_t before[5] = {1};
thread_local std::uint64_t context[10] __asm__("_ZN5tokio7runtime7context7CONTEXT29_$u7b$$u7b$constant$u7d$$u7d$17h8c39a3760148af4bE") = {1};
thread_local std::uint64_t after[3];
}

int main() {
  after[0] = before[0];
  std::printf("%llu %llu\n", static_cast<unsigned long long>(reinterpret_cast<std::uint64_t>(&waker_table)),
              static_cast<unsigned long long>(reinterpret_cast<std::uint64_t>(__builtin_thread_pointer()) - reinterpret_cast<std::uint64_t>(&context)));
  std::fflush(stdout);
  char end = 0;
  return ::read(STDIN_FILENO, &end, 1) == 0 ? 0 : 1;
}
