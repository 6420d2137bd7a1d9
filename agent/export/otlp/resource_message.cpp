#include "export/otlp/resource_message.h"

#include <string>
#include <variant>

#include "base/utf8.h"
#include "export/otlp_common.h"

namespace suture {

void fill_resource(const Resource& resource, otlp::v1::Resource& out) {
  std::string mended;
  const auto add = [&out](std::string_view key) {
    otlp::v1::KeyValue& pair = *out.add_attributes();
    pair.set_key(std::string(key));
    return pair.mutable_value();
  };
  for (const Resource::Attribute& attribute : resource.attributes) {
    otlp::v1::AnyValue& value = *add(as_utf8(attribute.key, mended));
    if (const auto* text = std::get_if<std::string>(&attribute.value)) {
      value.set_string_value(std::string(as_utf8(*text, mended)));
    } else {
      value.set_int_value(std::get<std::int64_t>(attribute.value));
    }
  }
  if (!names_its_sdk(resource))
    for (const SdkAttribute& attribute : kSdkAttributes) add(attribute.key)->set_string_value(std::string(attribute.value));
}

}  // namespace suture
