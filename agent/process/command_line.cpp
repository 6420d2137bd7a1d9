// Program names from command lines: see command_line.h. Interpreters have files of their own; here are the choice among
// them, process titles, native programs, and the redaction.
#include "process/command_line.h"

#include <algorithm>

#include "process/arguments.h"
#include "process/interpreters.h"
#include "process/path_name.h"

namespace suture {
namespace {

/// A program that overwrote its argument area leaves one string with spaces: "nginx: worker process".
bool has_title(const ProcessFacts& facts) {
  return facts.args.size() == 1 && facts.args[0].find(' ') != std::string::npos;
}

/// "gunicorn" of "gunicorn: worker [shop.web:app]".
std::string_view first_word(std::string_view title) {
  title = title.substr(std::min(title.find_first_not_of("[ "), title.size()));
  return title.substr(0, title.find_first_of(" :"));
}

/// What stands behind `mark`, up to the next of `ends`; "" if there is no mark.
std::string_view part_behind(std::string_view title, std::string_view mark, std::string_view ends) {
  const std::size_t at = title.find(mark);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = title.substr(at + mark.size());
  return rest.substr(0, rest.find_first_of(ends));
}

std::string name_in_title(Runtime runtime, std::string_view title, const ProcessFacts& facts) {
  const std::string_view word = first_word(title);
  if (word == "gunicorn") {  // "gunicorn: master [shop.web:app]"
    const std::string_view application = part_behind(title, "[", "]");
    const std::string_view module = python_module_of(application);
    if (!application.empty()) return name_of_python_module(module.empty() ? application : module, facts);
  }
  if (word == "celeryd") {  // "[celeryd: celery@host:MainProcess] -active- (worker -A shop.tasks)"
    const std::string_view application = part_behind(title, " -A ", " )");
    if (!application.empty()) return name_of_python_module(application, facts);
  }
  if (word == "puma") {  // "puma 6.4.0 (tcp://0.0.0.0:9292) [shop]"
    const std::string_view tag = part_behind(title, "[", "]");
    if (!tag.empty()) return std::string(tag);
  }
  if (word == "php-fpm") {  // "php-fpm: pool shop"
    const std::string_view pool = part_behind(title, ": pool ", " ");
    if (!pool.empty() && pool != "www") return std::string(pool);
  }
  if (runtime != Runtime::Native) return runtime_of(word) == runtime ? std::string() : std::string(word);
  return {};
}

void read_native(Arguments& args, const ProcessFacts& facts, Program& out) {
  static constexpr std::string_view kMultiCall[] = {"busybox", "toybox", "coreutils"};
  const std::string executable = executable_name(facts);
  if (one_of(executable, kMultiCall) && !facts.args.empty()) {
    out.name = basename_of(facts.args[0]);
    if (one_of(out.name, kMultiCall) && !args.done()) out.name = args.take();
    return;
  }
  if (executable.starts_with("php-fpm")) {  // "php-fpm8.2"
    out.name = "php-fpm";
    return;
  }
  // What `go run` built lies in a directory that says nothing.
  if (facts.exe.find("/go-build") != std::string::npos) out.name = meaningful_directory(facts.cwd);
  if (!out.name.empty()) return;
  const bool has_path = !facts.exe.empty() && !facts.exe.starts_with("/memfd:");
  out.name = has_path && is_generic_program(executable) ? program_name_of_file(facts.exe, facts.cwd) : executable;
}

void read_arguments(const ProcessFacts& facts, Program& out) {
  Arguments args(facts.args, out.decisive);
  switch (out.runtime) {
    case Runtime::Native: return read_native(args, facts, out);
    case Runtime::Java: return read_java(args, facts, out);
    case Runtime::Python: return read_python(args, facts, out);
    case Runtime::Node: return read_node(args, facts, out);
    case Runtime::Ruby: return read_ruby(args, facts, out);
    case Runtime::Php: return read_php(args, facts, out);
    case Runtime::Dotnet: return read_dotnet(args, out);
    case Runtime::Perl: return read_script(args, facts, "e", out);
    case Runtime::Shell: return read_script(args, facts, "c", out);
  }
}

}  // namespace

Runtime runtime_of(std::string_view executable_name) {
  std::string_view name = executable_name;
  while (!name.empty() && ((name.back() >= '0' && name.back() <= '9') || name.back() == '.')) name.remove_suffix(1);
  static constexpr std::string_view kShells[] = {"sh", "bash", "dash", "ash", "zsh", "ksh"};
  if (name == "java") return Runtime::Java;
  if (name == "python" || name == "pypy") return Runtime::Python;
  if (name == "node" || name == "nodejs" || name == "bun" || name == "deno") return Runtime::Node;
  if (name == "ruby") return Runtime::Ruby;
  if (name == "php") return Runtime::Php;
  if (name == "dotnet") return Runtime::Dotnet;
  if (name == "perl") return Runtime::Perl;
  if (one_of(name, kShells)) return Runtime::Shell;
  return Runtime::Native;
}

std::string executable_name(const ProcessFacts& facts) {
  if (facts.exe.starts_with("/memfd:")) return std::string(facts.exe.substr(7));
  if (!facts.exe.empty()) return std::string(basename_of(facts.exe));
  if (has_title(facts)) return std::string(basename_of(first_word(facts.args[0])));
  if (!facts.args.empty() && !facts.args[0].empty()) {
    std::string_view name = basename_of(facts.args[0]);
    if (name.starts_with('-')) name.remove_prefix(1);  // a login shell: "-bash"
    return std::string(name);
  }
  return facts.comm;
}

Program read_program(const ProcessFacts& facts) {
  Program program;
  program.runtime = runtime_of(executable_name(facts));
  program.decisive.assign(facts.args.size(), 0);
  if (!facts.args.empty()) program.decisive[0] = facts.args[0].size();
  if (has_title(facts)) program.name = name_in_title(program.runtime, facts.args[0], facts);
  if (program.name.empty()) read_arguments(facts, program);
  return program;
}

std::vector<std::string> redact_arguments(const ProcessFacts& facts) {
  const Program program = read_program(facts);
  std::vector<std::string> out = facts.args;
  for (std::size_t i = 0; i < out.size(); ++i) {
    // Dashes and the first '=' stay: whether a word is an option, and whether it brings its value, is part of how the
    // line is understood. '*' is no letter of any option and no part of any name.
    const std::size_t dashes = std::min(out[i].find_first_not_of('-'), out[i].size());
    const std::size_t text = std::max(dashes, program.decisive[i]);
    const std::size_t equals = out[i].find('=', text);
    for (std::size_t at = text; at < out[i].size(); ++at)
      if (at != equals) out[i][at] = '*';
  }
  return out;
}

}  // namespace suture
