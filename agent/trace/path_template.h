#pragma once
// Path templates: what a path is without the ids in it, for whoever counts by route where no framework tells the route.

#include <string>
#include <string_view>

namespace suture {

/// "/orders/4711/items/9f3c2a1b" gives "/orders/{id}/items/{id}". A segment is taken for an id if it has digits and no letters,
/// four digits or more, two with letters of both cases in ten characters or more, eight hexadecimal digits or more (dashes aside) of which one is no letter, a character that words
/// and versions do not have, or more than 40 characters. Of more than 8 segments the rest is "...". A service may have more
/// templates than routes: whoever keeps them needs a bound of its own. `path` has no query.
std::string path_template(std::string_view path);

}  // namespace suture
