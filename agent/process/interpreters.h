#pragma once
// What the command lines of interpreters and virtual machines run. One function per runtime, each knowing just enough
// of its options to find the word that names the program. They fill Program::name and Program::script.

#include "process/arguments.h"
#include "process/command_line.h"

namespace suture {

void read_java(Arguments& args, const ProcessFacts& facts, Program& out);
void read_python(Arguments& args, const ProcessFacts& facts, Program& out);
void read_node(Arguments& args, const ProcessFacts& facts, Program& out);
void read_ruby(Arguments& args, const ProcessFacts& facts, Program& out);
void read_php(Arguments& args, const ProcessFacts& facts, Program& out);
void read_dotnet(Arguments& args, Program& out);
/// Perl and shells: [options] script, or the program itself behind an option that ends in `inline_letter`.
void read_script(Arguments& args, const ProcessFacts& facts, std::string_view inline_letter, Program& out);

/// "shop.wsgi" -> "shop"; a lone generic module ("main") gives way to the working directory.
std::string name_of_python_module(std::string_view module, const ProcessFacts& facts);

/// "shop.web" of "shop.web:app" or "shop.web:create_app()"; "" if `text` is nothing of the kind.
std::string_view python_module_of(std::string_view reference);

}  // namespace suture
