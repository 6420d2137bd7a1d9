#include "edges_options.h"

#include <fstream>

namespace suture {
namespace {

Result<std::string> first_line_of(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line) || line.empty())
    return Error{"--edges-password-file '" + path + "': cannot read a password. Its first line is taken: printf %s PASSWORD > FILE; chmod 600 FILE"};
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

}  // namespace

void add_edges_options(CLI::App& run, EdgesArguments& arguments) {
  run.add_option("--edges", arguments.url,
                 "A Redis or Valkey by which agents that share the --id-key-file tell each other the traces of requests between their hosts: "
                 "redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], rediss:// for TLS")
      ->envname("SUTURE_EDGES");
  run.add_option("--edges-password-file", arguments.password_file, "File whose first line is its password (or SUTURE_EDGES_PASSWORD)")
      ->envname("SUTURE_EDGES_PASSWORD_FILE");
  run.add_option("--edges-ca", arguments.ca_file, "File of certificates (PEM) that its own is signed by (default: the system's)")->envname("SUTURE_EDGES_CA");
}

Result<std::optional<RedisAddress>> edges_of(const EdgesArguments& arguments, bool id_key_is_shared, const EnvironmentLookup& environment, Warnings& warnings) {
  if (arguments.url.empty()) return std::optional<RedisAddress>();
  Result<RedisAddress> address = redis_address_from(arguments.url);
  if (!address) return Error{address.error()};
  address->ca_file = arguments.ca_file;
  if (const Setting password = setting_of(environment, {"SUTURE_EDGES_PASSWORD"}); password.is_set()) address->password = password.value;
  if (!arguments.password_file.empty()) {
    Result<std::string> password = first_line_of(arguments.password_file);
    if (!password) return Error{password.error()};
    address->password = *password;
  }
  if (id_key_is_shared) return std::optional<RedisAddress>(*address);
  warnings.push_back("--edges is of no use without --id-key-file: hosts that do not share a key give the same request different ids. Nothing is written or looked up.");
  return std::optional<RedisAddress>();
}

}  // namespace suture
