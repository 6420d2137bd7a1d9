#include "trace/request_target.h"

#include <algorithm>

#include "trace/ascii.h"

namespace suture {
namespace {

bool is_scheme(std::string_view text) {  // RFC 3986 section 3.1
  if (text.empty() || !ascii::is_letter(text[0])) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return ascii::is_letter(c) || ascii::is_digit(c) || c == '+' || c == '-' || c == '.';
  });
}

void split_path(std::string_view rest, RequestTarget& out) {
  const std::size_t mark = rest.find('?');
  out.path = rest.substr(0, mark);
  if (mark == std::string_view::npos) return;
  out.has_query = true;
  out.query = rest.substr(mark + 1);
}

void split_user_info(std::string_view text, RequestTarget& out) {
  const std::size_t at = text.rfind('@');
  out.has_user_info = at != std::string_view::npos;
  out.authority = out.has_user_info ? text.substr(at + 1) : text;
}

}  // namespace

RequestTarget parse_request_target(std::string_view method, std::string_view target) {
  RequestTarget out;
  if (target.starts_with('/')) {
    out.form = RequestTarget::Form::Origin;
    split_path(target, out);
    return out;
  }
  if (target == "*") {
    out.form = RequestTarget::Form::Asterisk;
    return out;
  }
  if (method == "CONNECT") {
    out.form = RequestTarget::Form::Authority;
    split_user_info(target, out);
    return out;
  }
  const std::size_t colon = target.find("://");
  if (colon != std::string_view::npos && is_scheme(target.substr(0, colon))) {
    out.form = RequestTarget::Form::Absolute;
    out.scheme = target.substr(0, colon);
    const std::string_view rest = target.substr(colon + 3);
    const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
    split_user_info(rest.substr(0, end), out);
    split_path(rest.substr(end), out);
    if (out.path.empty()) out.path = "/";  // the same resource (RFC 9110 section 4.2.3)
    return out;
  }
  // Neither here nor there, but "user:password@host" without its scheme is among it.
  split_path(target, out);
  const std::size_t at = out.path.rfind('@');
  if (at != std::string_view::npos) out.path.remove_prefix(at + 1);
  return out;
}

}  // namespace suture
