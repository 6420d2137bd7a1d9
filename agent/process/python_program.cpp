// What Python runs: a script, a module, or a server (gunicorn, uvicorn, ...) that is told which application to serve.
#include <algorithm>

#include "process/interpreters.h"
#include "process/path_name.h"

namespace suture {
namespace {

bool is_identifier_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

bool is_module(std::string_view text) {
  const auto fits = [](char c) { return is_identifier_start(c) || (c >= '0' && c <= '9') || c == '.'; };
  return !text.empty() && is_identifier_start(text[0]) && std::all_of(text.begin(), text.end(), fits);
}

bool is_server(std::string_view name) {
  static constexpr std::string_view kServers[] = {"gunicorn", "uvicorn", "hypercorn", "daphne",        "granian",
                                                  "flask",    "celery",  "fastapi",   "waitress-serve"};
  return one_of(name, kServers);
}

/// "shop.web:app" or "shop/web.py:app" as an option's value.
std::string name_of_application(std::string_view application, const ProcessFacts& facts) {
  const std::string_view module = application.substr(0, application.find(':'));
  return module.ends_with(".py") ? program_name_of_file(module, facts.cwd) : name_of_python_module(module, facts);
}

/// The application among the arguments of `server`; "" if they do not say.
std::string name_of_served(std::string_view server, Arguments& args, const ProcessFacts& facts) {
  static constexpr std::string_view kApp = "--app=";
  Arguments again = args;
  while (!args.done()) {
    if (args.peek() == "-A" || args.peek() == "--app") {
      args.take();
      return name_of_application(args.take(), facts);
    }
    if (args.peek().starts_with(kApp)) return name_of_application(args.take().substr(kApp.size()), facts);
    if (!python_module_of(args.peek()).empty()) return name_of_application(args.take(), facts);
    if (server == "fastapi" && args.peek().ends_with(".py")) return name_of_application(args.take(), facts);
    args.skip();
  }
  if (server != "gunicorn") return {};
  // gunicorn takes a bare module as well. It stands last, and not behind an option that may want it.
  bool after_option = false;
  for (; !again.done(); again.skip()) {
    if (again.at_last() && !after_option && is_module(again.peek())) return name_of_application(again.take(), facts);
    after_option = again.at_option() && again.peek().find('=') == std::string_view::npos;
  }
  return {};
}

void read_server(std::string_view server, Arguments& args, const ProcessFacts& facts, Program& out) {
  out.name = name_of_served(server, args, facts);
  if (out.name.empty()) out.name = meaningful_directory(facts.cwd);
  if (out.name.empty()) out.name = server;
}

}  // namespace

std::string name_of_python_module(std::string_view module, const ProcessFacts& facts) {
  for (std::string_view suffix : {".wsgi", ".asgi", ".__main__"})
    if (module.ends_with(suffix)) module.remove_suffix(suffix.size());
  if (is_generic_program(module)) {
    std::string directory = meaningful_directory(facts.cwd);
    if (!directory.empty()) return directory;
  }
  return std::string(module);
}

std::string_view python_module_of(std::string_view reference) {
  const std::size_t colon = reference.find(':');
  if (colon == std::string_view::npos || colon + 1 == reference.size()) return {};
  if (!is_identifier_start(reference[colon + 1])) return {};
  const std::string_view module = reference.substr(0, colon);
  const bool settings = module == "python";  // gunicorn -c python:shop.settings
  return is_module(module) && !settings ? module : std::string_view{};
}

void read_python(Arguments& args, const ProcessFacts& facts, Program& out) {
  while (!args.done() && args.at_option()) {
    // A cluster of letters: the first that wants a value takes the rest of the cluster, or the next argument.
    const std::string_view option = args.peek();
    const std::size_t at = option.find_first_of("mcWX");
    if (option.starts_with("--") || at == std::string_view::npos) {
      args.skip();
      continue;
    }
    args.take(option[at] == 'm' ? option.size() : at + 1);
    if (option[at] == 'c') return;  // code on the line
    std::string_view value = option.substr(at + 1);
    if (option[at] != 'm') {
      if (value.empty()) args.skip();
      continue;
    }
    if (value.empty()) value = args.take();
    if (is_server(value)) {
      read_server(value, args, facts, out);
    } else {
      out.name = name_of_python_module(value, facts);
    }
    return;
  }
  out.script = args.take();
  const std::string_view file = basename_of(out.script);
  if (is_server(file)) {
    read_server(file, args, facts, out);
  } else if (!out.script.empty() && out.script != "-") {
    out.name = program_name_of_file(out.script, facts.cwd);
  }
}

}  // namespace suture
