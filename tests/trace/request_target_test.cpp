#include "trace/request_target.h"

#include <gtest/gtest.h>

namespace suture {
namespace {

using Form = RequestTarget::Form;

TEST(RequestTarget, TakesEveryFormApart) {
  const struct {
    const char* method;
    const char* target;
    Form form;
    const char* scheme;
    const char* authority;
    const char* path;
    const char* query;
    bool user_info;
  } cases[] = {
      {"GET", "/", Form::Origin, "", "", "/", "", false},
      {"GET", "/a/b?c=d?e", Form::Origin, "", "", "/a/b", "c=d?e", false},
      {"GET", "//evil/a", Form::Origin, "", "", "//evil/a", "", false},
      {"CONNECT", "/odd", Form::Origin, "", "", "/odd", "", false},
      {"GET", "http://h:81/p?q", Form::Absolute, "http", "h:81", "/p", "q", false},
      {"GET", "HTTP://h", Form::Absolute, "HTTP", "h", "/", "", false},
      {"GET", "http://h?q", Form::Absolute, "http", "h", "/", "q", false},
      {"GET", "http://u:p@h/x@y", Form::Absolute, "http", "h", "/x@y", "", true},
      {"GET", "http://u@v:p@h", Form::Absolute, "http", "h", "/", "", true},
      {"GET", "http:///p", Form::Absolute, "http", "", "/p", "", false},
      {"CONNECT", "h:443", Form::Authority, "", "h:443", "", "", false},
      {"CONNECT", "u:p@h:443", Form::Authority, "", "h:443", "", "", true},
      {"OPTIONS", "*", Form::Asterisk, "", "", "", "", false},
      {"GET", "h:443", Form::Other, "", "", "h:443", "", false},
      {"GET", "u:p@h:443?q", Form::Other, "", "", "h:443", "q", false},
      {"GET", "1http://u:p@h/", Form::Other, "", "", "h/", "", false},
      {"GET", "", Form::Other, "", "", "", "", false},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.target);
    const RequestTarget target = parse_request_target(one.method, one.target);
    EXPECT_EQ(target.form, one.form);
    EXPECT_EQ(target.scheme, one.scheme);
    EXPECT_EQ(target.authority, one.authority);
    EXPECT_EQ(target.path, one.path);
    EXPECT_EQ(target.query, one.query);
    EXPECT_EQ(target.has_user_info, one.user_info);
  }
}

}  // namespace
}  // namespace suture
