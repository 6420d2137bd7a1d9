// The name in package.json, in files as they are and as they should not be.
#include "process/package_json.h"

#include <gtest/gtest.h>

namespace suture {
namespace {

TEST(PackageJson, FindsTheTopLevelName) {
  const struct {
    const char *json, *name;
  } rows[] = {
      {R"({"name":"shop"})", "shop"},
      {"{\n  \"version\": \"1\",\n  \"name\" : \"@acme/shop\"\n}", "@acme/shop"},
      {R"({"author":{"name":"Ann"},"name":"shop"})", "shop"},
      {R"({"keywords":["name","x"],"main":"name","name":"shop"})", "shop"},
      {R"({"description":"a \"name\": \"b\" }{","name":"shop"})", "shop"},
      {R"({"type":"module"})", ""},
      {R"({"name":1})", ""},
      {R"({"name":"a\u0062"})", ""},
      {R"({"name":"sho)", ""},
      {R"({"name")", ""},
      {R"({"na\)", ""},
      {"", ""},
      {"[\"name\", \"x\"]", ""},
  };
  for (const auto& row : rows) EXPECT_EQ(package_name_in(row.json), row.name) << row.json;
}

TEST(PackageJson, TakesNoNameLongerThanNpmDoes) {
  EXPECT_EQ(package_name_in("{\"name\":\"" + std::string(214, 'a') + "\"}").size(), 214u);
  EXPECT_EQ(package_name_in("{\"name\":\"" + std::string(215, 'a') + "\"}"), "");
}

}  // namespace
}  // namespace suture
