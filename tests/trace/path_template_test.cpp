#include "trace/path_template.h"

#include <gtest/gtest.h>

namespace suture {
namespace {

TEST(PathTemplate, KeepsWordsAndReplacesIds) {
  const std::pair<const char*, const char*> cases[] = {
      {"/", "/"},
      {"", ""},
      {"/orders/4711/items/9", "/orders/{id}/items/{id}"},
      {"/api/v1/oauth2/base64", "/api/v1/oauth2/base64"},
      {"/users/6f1c2ab0-5b1e-4c39-9a56-0d3c5f1e7d11/", "/users/{id}/"},
      {"/commit/9f3c2a1b", "/commit/{id}"},
      {"/facade/decade", "/facade/decade"},
      {"/days/2026-11-27", "/days/{id}"},
      {"/customers/user12345", "/customers/{id}"},
      {"/videos/dQw4w9WgXcQ", "/videos/{id}"},
      {"/tools/Mp3toWav/oauth2Callback", "/tools/Mp3toWav/oauth2Callback"},
      {"/mail/a@b.example", "/mail/{id}"},
      {"/search/caf%C3%A9", "/search/{id}"},
      {"/t/abcdefghijklmnopqrstuvwxyzabcdefghijklmno", "/t/{id}"},
      {"/v1/items:batchGet", "/v1/items:batchGet"},
      {"//a//", "//a//"},
      {"*", "{id}"},
  };
  for (const auto& [path, expected] : cases) EXPECT_EQ(path_template(path), expected) << path;
}

TEST(PathTemplate, CutsDeepPaths) {
  EXPECT_EQ(path_template("/a/b/c/d/e/f/g/h"), "/a/b/c/d/e/f/g/h");
  EXPECT_EQ(path_template("/a/b/c/d/e/f/g/h/"), "/a/b/c/d/e/f/g/h/");
  EXPECT_EQ(path_template("/a/b/c/d/e/f/g/h/i/j"), "/a/b/c/d/e/f/g/h/...");
}

}  // namespace
}  // namespace suture
