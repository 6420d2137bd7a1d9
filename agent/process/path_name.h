#pragma once
// Names in paths: which part of "/srv/orders/src/main.py" says what the program is.

#include <string>
#include <string_view>

namespace suture {

/// "/usr/bin/python3" -> "python3".
std::string_view basename_of(std::string_view path);

/// "server.js" -> "server"; a leading dot is no suffix.
std::string_view stem_of(std::string_view file_name);

/// Joins `path` to `cwd` unless it is absolute, and resolves "." and ".." by text. Without a cwd the result is
/// relative.
std::string absolute_path(std::string_view path, std::string_view cwd);

/// True of names that half of all programs carry: main, app, server, index, ...
bool is_generic_program(std::string_view name);

/// True of a directory name that tells one service from another. `path` is that directory's whole path.
bool is_meaningful_directory(std::string_view path);

/// The nearest directory above the file `path` whose name says something, at most three levels up; "" if there is none.
std::string meaningful_parent(std::string_view path);

/// The same, beginning with the directory `path` itself.
std::string meaningful_directory(std::string_view path);

/// The file's name without suffix, or where that is generic the name of a meaningful directory around it.
std::string program_name_of_file(std::string_view file, std::string_view cwd);

}  // namespace suture
