#pragma once
// Options of the store by which agents of several hosts tell each other of requests between them, for suture run.

#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "base/result.h"
#include "edges/redis_address.h"
#include "export/environment.h"

namespace suture {

struct EdgesArguments {
  std::string url, password_file, ca_file;
};

void add_edges_options(CLI::App& run, EdgesArguments& arguments);

/// Nothing: no store is asked for, or none is of use. The password is that of the file, else of SUTURE_EDGES_PASSWORD, else of the URL.
Result<std::optional<RedisAddress>> edges_of(const EdgesArguments& arguments, bool id_key_is_shared, const EnvironmentLookup& environment, Warnings& warnings);

}  // namespace suture
