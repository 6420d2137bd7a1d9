#include "propagate_options.h"

#include <gtest/gtest.h>

namespace suture {
namespace {

PropagateArguments arguments(const std::string& method) {
  PropagateArguments arguments;
  arguments.method = method;
  return arguments;
}

TEST(PropagateOptions, ChangeOnlyWhatIsNamed) {
  EXPECT_FALSE(propagate_options_of(arguments("header"), default_propagators(), false).ok());
  PropagateArguments named = arguments("header");
  named.services = {"orders*"};
  Result<PropagateOptions> options = propagate_options_of(named, default_propagators(), false);
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options->writing.method, WritingMethod::Header);
  EXPECT_FALSE(options->processes.empty());
}

TEST(PropagateOptions, TakeAnOptionOnlyFromThoseWhoShareAKey) {
  Result<PropagateOptions> alone = propagate_options_of(arguments("tcp"), default_propagators(), false);
  ASSERT_FALSE(alone.ok());
  EXPECT_NE(alone.error().find("--id-key-file"), std::string::npos);
  Result<PropagateOptions> shared = propagate_options_of(arguments("tcp"), default_propagators(), true);  // reads, and writes nothing
  ASSERT_TRUE(shared.ok());
  EXPECT_EQ(shared->writing.method, WritingMethod::Tcp);
  EXPECT_TRUE(shared->processes.empty());
}

TEST(PropagateOptions, KnowNoOtherFormat) {
  EXPECT_FALSE(propagate_options_of(arguments("tcp"), {Propagator::TraceContext, Propagator::B3}, true).ok());
  EXPECT_TRUE(propagate_options_of(arguments("off"), {Propagator::B3}, false).ok());
}

}  // namespace
}  // namespace suture
