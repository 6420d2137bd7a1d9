#pragma once
// Presets: backends by name, as --to has them: where each of them takes spans, how, and in which header it wants its key.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "export/environment.h"
#include "export/otlp/options.h"

namespace suture {

/// What --to and --api-key-file say, and what it comes to. A key comes from the preset's variable or from a file, and goes
/// to no other destination; the headers of OTEL_EXPORTER_OTLP_HEADERS go to `otlp` alone, the variables' certificates to
/// every preset without a key.
///
/// `to`: NAME, NAME@REGION or NAME=URL, where URL is as for --otlp. `key_files`: NAME=FILE each; for presets without a key
/// the file holds headers, written as in that variable. The names are for people and ledgers. Of metrics: without an endpoint
/// where the backend takes none.
Result<BackendOptions> preset_options_from(const EnvironmentLookup& lookup, std::string_view to, const std::vector<std::string>& key_files,
                                           OtlpSignal signal = OtlpSignal::Traces);

/// The names, in a list for people.
std::string preset_names();

}  // namespace suture
