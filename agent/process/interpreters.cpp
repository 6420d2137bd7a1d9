// What interpreters run, except Python (python_program.cpp): see interpreters.h.
#include "process/interpreters.h"

#include "process/path_name.h"

namespace suture {
namespace {

std::string directory_name(const ProcessFacts& facts) { return meaningful_directory(facts.cwd); }

/// Takes the next argument as the script.
void take_script(Arguments& args, const ProcessFacts& facts, Program& out) {
  out.script = args.take();
  if (!out.script.empty() && out.script != "-") out.name = program_name_of_file(out.script, facts.cwd);
}

/// "orders-1.2.3-SNAPSHOT" -> "orders": a service keeps its name when it is released.
std::string_view without_version(std::string_view stem) {
  for (std::size_t dash = stem.find('-'); dash != std::string_view::npos; dash = stem.find('-', dash + 1))
    if (dash > 0 && dash + 1 < stem.size() && stem[dash + 1] >= '0' && stem[dash + 1] <= '9')
      return stem.substr(0, dash);
  return stem;
}

std::string name_of_jar(std::string_view jar, const ProcessFacts& facts) {
  const std::string_view file = basename_of(jar);
  std::string path(jar.substr(0, jar.size() - file.size()));
  path.append(without_version(stem_of(file))).append(".jar");
  return program_name_of_file(path, facts.cwd);
}

/// "com.shop.OrdersApplication" -> its last component; of a class that says nothing, its package's.
std::string name_of_class(std::string_view main_class, const ProcessFacts& facts) {
  static constexpr std::string_view kGeneric[] = {"Main",          "MainKt",   "App",   "AppKt", "Application",
                                                  "ApplicationKt", "Launcher", "Server"};
  if (main_class.starts_with("org.springframework.boot.loader.")) return directory_name(facts);
  if (main_class == "org.apache.catalina.startup.Bootstrap") return "tomcat";
  const std::size_t dot = main_class.rfind('.');
  const std::string_view last = main_class.substr(dot + 1);  // npos + 1 is 0
  if (!one_of(last, kGeneric)) return std::string(last);
  if (dot != std::string_view::npos) {
    const std::string_view package = main_class.substr(0, dot);
    return std::string(package.substr(package.rfind('.') + 1));
  }
  std::string directory = directory_name(facts);
  return directory.empty() ? std::string(last) : directory;
}

/// Takes the argument if it sets one of the properties by which Java services are told their name.
bool take_name_property(Arguments& args, std::string& name) {
  static constexpr std::string_view kProperties[] = {"-Dotel.service.name=", "-Dspring.application.name=",
                                                     "--spring.application.name="};
  for (std::string_view property : kProperties) {
    if (!args.peek().starts_with(property)) continue;
    name = args.take().substr(property.size());
    return true;
  }
  return false;
}

}  // namespace

void read_java(Arguments& args, const ProcessFacts& facts, Program& out) {
  static constexpr std::string_view kWithValue[] = {
      "-cp",           "-classpath",    "--class-path", "-p",          "--module-path",   "--upgrade-module-path",
      "--add-modules", "--add-reads",   "--add-exports", "--add-opens", "--limit-modules", "--patch-module",
      "--enable-native-access"};
  static constexpr std::string_view kProgram[] = {"-jar", "-m", "--module"};
  std::string property;
  while (!args.done() && args.at_option() && !one_of(args.peek(), kProgram))
    if (!take_name_property(args, property)) args.skip_option(kWithValue);
  if (!args.done()) {
    const std::string_view how = args.at_option() ? args.take() : std::string_view{};
    const std::string_view what = args.take();
    if (how == "-jar") {
      out.script = what;
      out.name = name_of_jar(what, facts);
    } else if (!how.empty()) {
      out.name = what.substr(0, what.find('/'));  // module[/mainclass]
    } else {
      out.name = name_of_class(what, facts);
    }
  }
  while (!args.done())
    if (!take_name_property(args, property)) args.skip();
  if (!property.empty()) out.name = property;
}

void read_node(Arguments& args, const ProcessFacts& facts, Program& out) {
  static constexpr std::string_view kWithValue[] = {
      "-r", "--require",    "--import",   "--loader",     "--experimental-loader",
      "-C", "--conditions", "--env-file", "--watch-path", "--title"};
  static constexpr std::string_view kInline[] = {"-e", "--eval", "-p", "--print", "-pe"};
  static constexpr std::string_view kVerbs[] = {"run", "start"};  // of deno and bun
  for (int verbs = 0; !args.done() && (args.at_option() || (verbs == 0 && one_of(args.peek(), kVerbs)));) {
    if (one_of(args.peek(), kInline)) {
      args.take();
      return;
    }
    if (args.at_option()) {
      args.skip_option(kWithValue);
    } else {
      args.take();
      ++verbs;
    }
  }
  take_script(args, facts, out);

  // Tools that run out of node_modules are named by their package, unless a package.json above says more.
  static constexpr std::string_view kModules = "/node_modules/";
  const std::size_t modules = out.script.rfind(kModules);
  if (modules == std::string::npos) return;
  std::string_view package = std::string_view(out.script).substr(modules + kModules.size());
  if (package.starts_with(".bin/")) package.remove_prefix(5);
  std::size_t end = package.find('/');
  if (package.starts_with('@') && end != std::string_view::npos) end = package.find('/', end + 1);  // "@scope/name"
  out.name = package.substr(0, end);
}

void read_ruby(Arguments& args, const ProcessFacts& facts, Program& out) {
  static constexpr std::string_view kWithValue[] = {"-I", "-r", "-C", "-E"};
  static constexpr std::string_view kLaunchers[] = {"puma",   "rails",   "rackup", "unicorn",  "thin",
                                                    "bundle", "sidekiq", "rake",   "passenger"};
  while (!args.done() && args.at_option()) {
    if (args.peek() == "-e") {
      args.take();
      return;
    }
    args.skip_option(kWithValue);
  }
  take_script(args, facts, out);
  if (!one_of(basename_of(out.script), kLaunchers)) return;
  std::string directory = directory_name(facts);
  if (!directory.empty()) out.name = std::move(directory);
}

void read_php(Arguments& args, const ProcessFacts& facts, Program& out) {
  static constexpr std::string_view kWithValue[] = {"-c", "-d", "-t", "-z"};
  while (!args.done() && args.at_option()) {
    const std::string_view option = args.peek();
    if (option == "-S" || option == "-r") {  // the built-in server, named by where it runs; or code on the line
      args.take();
      if (option == "-S") out.name = directory_name(facts);
      return;
    }
    if (option == "-f") {
      args.take();
      break;
    }
    args.skip_option(kWithValue);
  }
  take_script(args, facts, out);
}

void read_dotnet(Arguments& args, Program& out) {
  while (!args.done() && !args.peek().ends_with(".dll")) args.skip();
  out.script = args.take();
  out.name = stem_of(basename_of(out.script));
}

void read_script(Arguments& args, const ProcessFacts& facts, std::string_view inline_letter, Program& out) {
  static constexpr std::string_view kWithValue[] = {"-I", "-o", "-O"};
  while (!args.done() && args.at_option()) {
    const std::string_view option = args.peek();
    // "-c", "-lc", "-ne"; longer ones are other things.
    if (option.size() <= 4 && !option.starts_with("--") && option.ends_with(inline_letter)) {
      args.take();
      return;
    }
    args.skip_option(kWithValue);
  }
  take_script(args, facts, out);
}

}  // namespace suture
