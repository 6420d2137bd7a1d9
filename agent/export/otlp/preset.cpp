#include "export/otlp/preset.h"

#include <algorithm>
#include <fstream>

#include "export/otlp/base64.h"
#include "export/otlp/preset_table.h"
#include "trace/ascii.h"

namespace suture {
namespace {

constexpr std::size_t kLongestKeyFile = 64 * 1024;  // bytes; what stands behind them is no key

/// --to, cut.
struct Wish {
  const Preset* preset = nullptr;
  std::string source;  // "--to NAME", for errors
  std::string_view region;
  std::string_view url;
};

Result<Wish> wish_of(std::string_view to) {
  const auto equals = std::min(to.find('='), to.size());
  const std::string_view left = to.substr(0, equals);
  const auto at = std::min(left.find('@'), left.size());
  Wish wish;
  wish.source = "--to " + std::string(left.substr(0, at));
  wish.region = left.substr(std::min(at + 1, left.size()));
  wish.url = to.substr(std::min(equals + 1, to.size()));
  for (const Preset& preset : kPresets)
    if (preset.name == left.substr(0, at)) wish.preset = &preset;
  if (!wish.preset) return Error{wish.source + ": there is no such backend. Write NAME, NAME@REGION or NAME=URL; the names are " + preset_names() + "."};
  if (!wish.region.empty() && !wish.url.empty()) return Error{wish.source + ": a region and a URL exclude each other. Leave out one of them."};
  return wish;
}

/// The URL of `region`, which may be the default's "".
Result<std::string> url_of_region(const Wish& wish, std::string_view region) {
  if (wish.preset->name == kZonePreset && !region.empty()) {
    const bool plain = region.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
    if (plain) return std::string(kZoneUrl[0]) + std::string(region) + std::string(kZoneUrl[1]);
  }
  std::string known;
  for (const Place& place : kPlaces) {
    if (place.preset != wish.preset->name) continue;
    if (region.empty() || region == place.region || region == place.site) return std::string(place.url);
    known += (known.empty() ? "" : ", ") + std::string(place.region);
  }
  if (wish.preset->name == kZonePreset)
    return Error{wish.source + ": which zone is the stack in? Write " + wish.source + "@prod-eu-west-2 or the like, or =URL; both are on the stack's page, under OpenTelemetry."};
  if (known.empty()) return Error{wish.source + ": where is it? Write " + wish.source + "=URL."};
  return Error{wish.source + ": there is no region '" + std::string(region) + "'. Write one of " + known + ", or " + wish.source + "=URL."};
}

Result<Endpoint> endpoint_of(const EnvironmentLookup& lookup, const Wish& wish, BackendOptions& options) {
  if (!wish.url.empty()) return endpoint_of_option(wish.source, wish.url, options);
  const Setting place = wish.region.empty() ? setting_of(lookup, {wish.preset->place_variable}) : Setting();
  if (place.value.find("://") != std::string_view::npos) return endpoint_from(place.name, place.value, {.protocol = options.protocol, .as_is = true});
  Result<std::string> url = url_of_region(wish, place.is_set() ? place.value : wish.region);
  if (!url) return Error{url.error()};
  return endpoint_of_option(wish.source, *url, options);
}

/// The content of the file that `key_files` name for `preset`, "" if they name none.
Result<std::string> file_content(std::string_view preset, const std::vector<std::string>& key_files) {
  for (const std::string& text : key_files) {
    const auto equals = text.find('=');
    if (equals == std::string::npos) return Error{"--api-key-file: say whose key the file holds: NAME=FILE, with NAME as for --to."};
    if (std::string_view(text).substr(0, equals) != preset) continue;
    const std::string path = text.substr(equals + 1);
    std::ifstream file(path, std::ios::binary);
    std::string content(kLongestKeyFile, '\0');
    file.read(content.data(), static_cast<std::streamsize>(content.size()));
    content.resize(static_cast<std::size_t>(file.gcount()));
    content.erase(content.find_last_not_of(" \t\r\n") + 1);
    if (content.empty()) return Error{"--api-key-file: " + path + " cannot be read, or is empty. Write the key into it, and let this user read it."};
    return content;
  }
  return std::string();
}

Result<std::string> key_of(const EnvironmentLookup& lookup, const Wish& wish, const std::string& from_file) {
  const Preset& preset = *wish.preset;
  const std::string key = from_file.empty() ? std::string(setting_of(lookup, {preset.key_variable}).value) : from_file;
  if (key.empty())
    return Error{wish.source + " needs a key: set " + std::string(preset.key_variable) + ", or name a file that holds it: --api-key-file " +
                 std::string(preset.name) + "=FILE."};
  if (!is_field_value(key)) return Error{wish.source + ": the key has characters that no key has. It must be one line of text."};
  if (preset.user_variable.empty()) return key;
  const Setting user = setting_of(lookup, {preset.user_variable});
  if (!user.is_set()) return Error{wish.source + " needs the instance's number too: set " + std::string(preset.user_variable) + "."};
  return "Basic " + base64_encoded(std::string(user.value) + ":" + key);
}

Status add_headers(const EnvironmentLookup& lookup, const Wish& wish, const std::vector<std::string>& key_files, BackendOptions& options) {
  const Preset& preset = *wish.preset;
  Result<std::string> from_file = file_content(preset.name, key_files);
  if (!from_file) return Error{from_file.error()};
  if (!preset.key_variable.empty()) {
    Result<std::string> key = key_of(lookup, wish, *from_file);
    if (!key) return Error{key.error()};
    options.headers.emplace_back(preset.key_header, *key);
    if (!preset.fixed_header.empty() && options.signal == OtlpSignal::Traces) options.headers.emplace_back(preset.fixed_header, preset.fixed_value);
    return Nothing{};
  }
  if (preset.protocol != OtlpProtocol::ZipkinJson) read_certificates(lookup, options);
  if (!from_file->empty()) options.headers = headers_from({"--api-key-file " + std::string(preset.name), *from_file}, options.warnings);
  else if (preset.name == "otlp") read_headers(lookup, options);
  return Nothing{};
}

}  // namespace

std::string preset_names() {
  std::string names;
  for (const Preset& preset : kPresets) names += (names.empty() ? "" : ", ") + std::string(preset.name);
  return names;
}

Result<BackendOptions> preset_options_from(const EnvironmentLookup& lookup, std::string_view to, const std::vector<std::string>& key_files, OtlpSignal signal) {
  Result<Wish> wish = wish_of(ascii::trim(to));
  if (!wish) return Error{wish.error()};
  BackendOptions options;
  options.signal = signal;
  if (signal == OtlpSignal::Metrics && !wish->preset->metrics) return options;
  options.name = wish->preset->name;
  options.temporality = wish->preset->temporality;
  options.protocol = wish->preset->protocol;
  Result<Endpoint> endpoint = endpoint_of(lookup, *wish, options);
  if (!endpoint) return Error{endpoint.error()};
  options.endpoint = std::move(endpoint).value();
  if (Status status = add_headers(lookup, *wish, key_files, options); !status) return Error{status.error()};
  read_sending(lookup, options);
  return options;
}

}  // namespace suture
