#pragma once
// require: what must hold whatever the input is. libFuzzer keeps the input at which it does not.

#include <cstdio>
#include <cstdlib>

namespace suture {

inline void require(bool truth, const char* what = "what must hold does not") {
  if (truth) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

}  // namespace suture
