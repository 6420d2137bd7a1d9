#pragma once
// Program: what a command line says about who the process is. Pure text: no file is opened here.
//
//   java -jar orders-1.2.jar     orders          python -m shop.web          shop.web
//   node /srv/shop/server.js     shop            gunicorn shop.web:app       shop.web
//   dotnet Shop.Orders.dll       Shop.Orders     /srv/orders/main            orders
//
// Where the last word is one that half of all programs carry (main, app, server, ...), the nearest directory that says
// something is taken instead, if there is one within three levels.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "process/process_facts.h"

namespace suture {

enum class Runtime : std::uint8_t { Native, Java, Python, Node, Ruby, Php, Dotnet, Perl, Shell };

/// Of an executable's file name; version suffixes are ignored ("python3.11").
Runtime runtime_of(std::string_view executable_name);

struct Program {
  Runtime runtime = Runtime::Native;
  std::string name;    // "" = an interpreter that does not say what it runs
  std::string script;  // as written, where the runtime is given a file; "" otherwise
  // Per argument: how many of its first bytes decided how the line was understood, or gave the name. The others could
  // be anything.
  std::vector<std::size_t> decisive;
};

Program read_program(const ProcessFacts& facts);

/// File name of the executable: of the link if it was readable, else of args[0] or a process title, else comm.
std::string executable_name(const ProcessFacts& facts);

/// The arguments with every byte blanked by '*' that does not decide the program's name: passwords travel on command
/// lines. Lengths stay, and read_program() gives the same name.
std::vector<std::string> redact_arguments(const ProcessFacts& facts);

}  // namespace suture
