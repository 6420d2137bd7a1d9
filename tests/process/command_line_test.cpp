// Command lines: the name they give, and that redaction hides the rest without changing it.
#include "process/command_line.h"

#include <gtest/gtest.h>

#include "process/path_name.h"

namespace suture {
namespace {

struct Row {
  const char* exe;
  std::vector<std::string> args;
  const char* name;  // "" = the line says nothing
  const char* cwd = "";
};

ProcessFacts facts_of(const Row& row) {
  ProcessFacts facts;
  facts.exe = row.exe;
  facts.args = row.args;
  facts.cwd = row.cwd;
  return facts;
}

const std::vector<Row>& rows() {
  static const std::vector<Row> kRows = {
      {"/usr/bin/java", {"java", "-jar", "orders.jar"}, "orders"},
      {"/usr/bin/java", {"java", "-Xmx1g", "-jar", "/opt/orders-1.2.3-SNAPSHOT.jar", "--x"}, "orders"},
      {"/usr/bin/java", {"java", "-jar", "/srv/orders/app.jar"}, "orders"},
      {"/usr/bin/java", {"java", "-jar", "/app/app.jar"}, "app"},
      {"/usr/bin/java", {"java", "-jar", "/srv/cart/target/quarkus-app/quarkus-run.jar"}, "cart"},
      {"/usr/bin/java", {"java", "-cp", "a.jar:b.jar", "-Dx=y", "com.shop.OrdersApplication"}, "OrdersApplication"},
      {"/usr/bin/java",
       {"java", "--add-opens", "java.base/java.lang=ALL-UNNAMED", "com.shop.orders.Main", "arg"},
       "orders"},
      {"/usr/bin/java", {"java", "Main"}, "cart", "/srv/cart"},
      {"/usr/bin/java", {"java", "org.springframework.boot.loader.launch.JarLauncher"}, "cart", "/srv/cart"},
      {"/usr/bin/java", {"java", "-Dspring.application.name=billing", "-jar", "x.jar"}, "billing"},
      {"/usr/bin/java", {"java", "-jar", "x.jar", "--spring.application.name=billing"}, "billing"},
      {"/usr/bin/java", {"java", "-p", "mods", "-m", "shop.orders/com.shop.Main"}, "shop.orders"},
      {"/usr/bin/java",
       {"java", "-Dcatalina.base=/x", "-cp", "b.jar", "org.apache.catalina.startup.Bootstrap", "start"},
       "tomcat"},
      {"/usr/bin/java", {"java", "-version"}, ""},

      {"/usr/bin/python3.11", {"python3", "-m", "shop.web"}, "shop.web"},
      {"/usr/bin/python3.11", {"python3", "-Wignore", "-um", "shop.web", "-m", "other"}, "shop.web"},
      {"/usr/bin/python3.11", {"python3", "-X", "dev", "-u", "/srv/stock/prices.py"}, "prices"},
      {"/usr/bin/python3.11", {"python", "app.py"}, "app"},
      {"/usr/bin/python3.11", {"python", "app.py"}, "stock", "/srv/stock"},
      {"/usr/bin/python3.11", {"python", "app.py"}, "app", "/home/alice"},
      {"/usr/bin/python3.11", {"python", "stock/src/main.py"}, "stock"},
      {"/usr/bin/python3.11", {"python", "/srv/stock/manage.py", "runserver", "0:8000"}, "stock"},
      {"/usr/bin/python3.11", {"python", "-c", "import x", "y"}, ""},
      {"/usr/bin/python3.11", {"python", "-cimport x", "y"}, ""},
      {"/usr/bin/python3.11", {"python"}, ""},
      {"/usr/bin/python3.11", {"python", "-"}, ""},
      {"/usr/bin/python3.11",
       {"python3", "/usr/bin/gunicorn", "-w", "4", "-b", "0.0.0.0:80", "shop.web:app"},
       "shop.web"},
      {"/usr/bin/python3.11", {"python3", "/usr/bin/gunicorn", "-c", "python:shop.conf", "shop.wsgi"}, "shop"},
      {"/usr/bin/python3.11", {"python3", "/usr/bin/gunicorn", "-c", "settings"}, "stock", "/srv/stock"},
      {"/usr/bin/python3.11", {"python3", "/usr/bin/gunicorn", "--bind=:80", "shop.wsgi"}, "shop"},
      {"/usr/bin/python3.11", {"python3", "-m", "uvicorn", "shop.asgi:create()", "--port", "1"}, "shop"},
      {"/usr/bin/python3.11", {"python3", "/venv/bin/uvicorn", "main:app", "--host", "::"}, "stock", "/srv/stock"},
      {"/usr/bin/python3.11", {"python3", "/venv/bin/uvicorn", "main:app"}, "main", "/app"},
      {"/usr/bin/python3.11", {"python3", "/venv/bin/flask", "--app", "shop.web:app", "run"}, "shop.web"},
      {"/usr/bin/python3.11", {"python3", "/venv/bin/flask", "--app=shop/web.py", "run"}, "web"},
      {"/usr/bin/python3.11", {"python3", "/venv/bin/flask", "run"}, "flask"},
      {"/usr/bin/python3.11", {"python3", "/venv/bin/celery", "-A", "shop.tasks", "worker"}, "shop.tasks"},
      {"/usr/bin/python3.11", {"python3", "/venv/bin/fastapi", "run", "prices.py"}, "prices"},
      {"/usr/bin/python3.11", {"gunicorn: worker [shop.web:app]"}, "shop.web"},
      {"/usr/bin/python3.11", {"gunicorn: master [shop]"}, "shop"},
      {"/usr/bin/python3.11", {"[celeryd: celery@h:MainProcess] -active- (worker -A shop.tasks)"}, "shop.tasks"},

      {"/usr/bin/node", {"node", "server.js"}, "server"},
      {"/usr/bin/node", {"node", "--require", "./x.js", "--inspect", "/srv/shop/server.js"}, "shop"},
      {"/usr/bin/node", {"node", "/srv/shop/node_modules/.bin/next", "start"}, "next"},
      {"/usr/bin/node", {"node", "/usr/lib/node_modules/@acme/tool/bin/x.js"}, "@acme/tool"},
      {"/usr/bin/node", {"node", "-e", "code()", "arg"}, ""},
      {"/usr/bin/bun", {"bun", "run", "prices.ts"}, "prices"},
      {"/usr/bin/deno", {"deno", "run", "-A", "prices.ts"}, "prices"},
      {"/usr/bin/node", {"next-server (v14.1.0)"}, "next-server"},

      {"/usr/bin/ruby3.1", {"ruby", "-I", "lib", "prices.rb"}, "prices"},
      {"/usr/bin/ruby3.1", {"ruby", "bin/rails", "server"}, "stock", "/srv/stock"},
      {"/usr/bin/ruby3.1", {"ruby", "/usr/bin/puma", "-p", "80"}, "puma"},
      {"/usr/bin/ruby3.1", {"puma 6.4.0 (tcp://0.0.0.0:9292) [stock]"}, "stock"},
      {"/usr/bin/ruby3.1", {"ruby", "-e", "x"}, ""},
      {"/usr/sbin/php-fpm8.2", {"php-fpm: pool www"}, "php-fpm"},
      {"/usr/sbin/php-fpm8.2", {"php-fpm: pool stock"}, "stock"},
      {"/usr/bin/php8.2", {"php", "-d", "x=y", "prices.php"}, "prices"},
      {"/usr/bin/php8.2", {"php", "/srv/stock/artisan", "serve"}, "stock"},
      {"/usr/bin/php8.2", {"php", "-S", "0:80", "-t", "public"}, "stock", "/srv/stock/public"},
      {"/usr/bin/dotnet", {"dotnet", "exec", "--depsfile", "x.json", "/app/Shop.Orders.dll"}, "Shop.Orders"},
      {"/usr/bin/dotnet", {"dotnet", "run"}, ""},
      {"/usr/bin/perl", {"perl", "-w", "prices.pl"}, "prices"},
      {"/bin/bash", {"bash", "-e", "deploy.sh"}, "deploy"},
      {"/bin/bash", {"bash", "-lc", "curl x"}, ""},

      {"/usr/sbin/nginx", {"nginx: worker process"}, "nginx"},
      {"/usr/bin/curl", {"curl", "-u", "me:secret", "http://x/"}, "curl"},
      {"/srv/orders/main", {"./main"}, "orders"},
      {"/app/server", {"/app/server"}, "server"},
      {"/tmp/go-build12/b001/exe/main", {"/tmp/go-build12/b001/exe/main"}, "orders", "/src/orders"},
      {"/bin/busybox", {"wget", "x"}, "wget"},
      {"/bin/busybox", {"busybox", "httpd", "-f"}, "httpd"},
      {"", {"/opt/bin/prices", "x"}, "prices"},
      {"", {"postgres: writer process"}, "postgres"},
      {"/memfd:agent", {"a"}, "agent"},
  };
  return kRows;
}

TEST(CommandLine, NamesWhatItRuns) {
  for (const Row& row : rows())
    EXPECT_EQ(read_program(facts_of(row)).name, row.name) << testing::PrintToString(row.args);
}

TEST(CommandLine, KeepsItsNameWhenRedacted) {
  for (const Row& row : rows()) {
    ProcessFacts facts = facts_of(row);
    facts.args = redact_arguments(facts);
    EXPECT_EQ(read_program(facts).name, row.name) << testing::PrintToString(facts.args);
    ASSERT_EQ(facts.args.size(), row.args.size());
    for (std::size_t i = 0; i < facts.args.size(); ++i) EXPECT_EQ(facts.args[i].size(), row.args[i].size());
  }
}

TEST(CommandLine, RedactsAllThatIsNotTheName) {
  ProcessFacts facts;
  facts.exe = "/usr/bin/java";
  facts.args = {"java", "-Dkey=secret", "-cp", "secret.jar", "com.shop.Orders", "--password", "secret", "-psecret"};
  const std::vector<std::string> expected = {"java",       "-****=******", "-cp",    "**********", "com.shop.Orders",
                                             "--********", "******",       "-*******"};
  EXPECT_EQ(redact_arguments(facts), expected);

  facts.exe = "/usr/bin/python3";
  facts.args = {"python3", "-cpassword='secret'"};
  EXPECT_EQ(redact_arguments(facts)[1], "-c********=********");
}

TEST(PathName, ResolvesDotsByText) {
  EXPECT_EQ(absolute_path("../b/./c.js", "/srv/a"), "/srv/b/c.js");
  EXPECT_EQ(absolute_path("/../..", "/x"), "/");
  EXPECT_EQ(absolute_path("../../c", ""), "c");
  EXPECT_EQ(absolute_path("", ""), "");
}

}  // namespace
}  // namespace suture
