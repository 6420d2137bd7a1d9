// Any bytes as a head: no crash, no read beyond the input, slices inside it, and the same end however it arrives.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proto/http1/head.h"
#include "require.h"
#include "wire/limits.h"

namespace {

using namespace suture;
using namespace suture::http1;

void check(const HttpRequest& request, std::string_view head) {
  const auto inside = [head](Slice slice) { require(std::size_t{slice.offset} + slice.length <= head.size()); };
  for (const Slice slice : {request.method, request.target, request.host, request.user_agent, request.forwarded,
                            request.x_forwarded_for, request.x_forwarded_host, request.x_forwarded_proto,
                            request.traceparent}) {
    inside(slice);
  }
  for (const Slice slice : request.tracestate) inside(slice);
  require(!request.method.empty() && !request.target.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::size_t step = 1 + data[0];
  std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  text = text.substr(0, SUTURE_HEAD_MAX);

  std::size_t at_once = 0;
  const std::size_t length = find_head_end(text, at_once);
  std::size_t resume = 0, found = std::string_view::npos;
  for (std::size_t seen = 0; found == std::string_view::npos && seen < text.size();) {
    seen = seen + step < text.size() ? seen + step : text.size();
    found = find_head_end(text.substr(0, seen), resume);
  }
  require(found == length);

  const bool cut = length == std::string_view::npos;
  const std::string_view head = text.substr(0, length);
  HttpRequest request;
  HeadFacts facts;
  if (parse_request(head, cut, request, facts)) {
    check(request, head);
    require(may_become_head(head));
    require(!is_response(head));
  }
  HttpResponse response;
  HeadFacts response_facts;
  if (parse_response(head, cut, response, response_facts)) {
    require(response.status >= 100 && response.status <= 999);
    require(is_response(head) && may_become_head(head));
  }
  return 0;
}
