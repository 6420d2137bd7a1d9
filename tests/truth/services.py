"""The services under test, one row each: how it is prepared and started, and what loads suit it."""

import subprocess
import sys
from dataclasses import dataclass, field
from typing import Callable

from cells import PROXY_GRID, SERVICE_GRID
from install import APPS, program
from judge import PROXIED, called
from nginx_config import write_config
from scene import Skip

CALLS = 2


@dataclass(frozen=True)
class Runtime:
    """`command(installer, folder, environment)` prepares what is missing and returns the command line; it may write
    files to `folder` and add to `environment`, which the service will get, and on whose PORT it listens."""

    command: Callable
    environment: dict = field(default_factory=dict)
    grid: tuple = SERVICE_GRID
    factors: tuple = called(CALLS)
    processes: int = 1  # that answer requests
    behind: Callable = None  # like `command`, for a program that has to run before
    agent: tuple = ()  # options that the agent needs to see it


def python_threads(installer, folder, environment):
    return [sys.executable, APPS / "threads.py"]


def aiohttp(installer, folder, environment):
    return [installer.python("aiohttp==3.14.5"), APPS / "aiohttp_app.py"]


def first_address(environment):
    return environment["NEXT"].split(",")[0].removeprefix("http://")


def fastapi(installer, folder, environment):
    return [installer.python("fastapi==0.165.0", "uvicorn==0.54.0", "httptools==0.9.0", "uvloop==0.23.0", "httpx==0.28.1"),
            APPS / "fastapi_app.py"]


def node(installer, folder, environment):
    return [program("node"), APPS / "service.js"]


def node_of(version):
    return lambda installer, folder, environment: [installer.node(version), APPS / "service.js"]


def cpp_musl(installer, folder, environment):
    return [installer.musl(APPS / "pool.cpp", "pool")]


def cpp_pool(installer, folder, environment):
    return [installer.built("truth_pool")]


def go(installer, folder, environment):
    return [installer.go(APPS / "service.go", "go")]


def go_stripped(installer, folder, environment):
    return [installer.go(APPS / "service.go", "go-stripped", "-ldflags=-s -w")]


def go_of(version):
    return lambda installer, folder, environment: [installer.go(APPS / "service.go", f"go-{version}", toolchain=f"go{version}")]


def java(installer, folder, environment):
    return java_with(program("java"), installer)


def java_of(version):
    return lambda installer, folder, environment: java_with(installer.java_runtime(version), installer)


def java_with(java, installer):
    return [java, "-Xmx256m", "-Dsun.net.httpserver.nodelay=true", "-Dsun.net.httpserver.maxIdleConnections=1024",
            "-cp", installer.java(APPS / "Service.java"), "Service"]


def gunicorn(installer, folder, environment):
    python = installer.python("gunicorn==27.0.1", "gevent==26.9.0", "packaging==26.4")
    return [python, "-m", "gunicorn", "--chdir", APPS, "--bind", "127.0.0.1:" + environment["PORT"],
            "--worker-tmp-dir", folder, "--keep-alive", "600", *environment["WORKERS"].split(), "wsgi:application"]


def puma(installer, folder, environment):
    root = installer.debian("puma")
    libraries_of(root, environment)
    libraries, ruby = environment["LD_LIBRARY_PATH"], root / "usr/lib/ruby"
    environment["RUBYLIB"] = f"{ruby}/vendor_ruby:{ruby}/3.1.0:{libraries}/ruby/vendor_ruby/3.1.0:{libraries}/ruby/3.1.0"
    environment["GEM_PATH"] = f"{root}/usr/share/rubygems-integration/all:{libraries}/rubygems-integration/3.1.0"
    return [root / "usr/bin/ruby3.1", root / "usr/bin/puma", "--bind", "tcp://127.0.0.1:" + environment["PORT"],
            "--threads", "64:64", "--environment", "production", APPS / "service.ru"]


def axum(installer, folder, environment):
    return [installer.rust(APPS / "Cargo.toml", APPS / "service.rs", "service")]


HAPROXY = """
defaults
  mode http
  timeout connect 10s
  timeout client 600s
  timeout server 600s
  http-reuse always
frontend in
  bind 127.0.0.1:{port}
  default_backend behind
backend behind
  server only {upstream} maxconn 1024
"""


def libraries_of(root, environment):
    environment["LD_LIBRARY_PATH"] = str(root / "usr/lib/x86_64-linux-gnu")


def haproxy(installer, folder, environment):
    root = installer.debian("haproxy")
    libraries_of(root, environment)
    config = folder / "haproxy.cfg"
    config.write_text(HAPROXY.format(port=environment["PORT"], upstream=first_address(environment)))
    return [root / "usr/sbin/haproxy", "-db", "-f", config]


APACHE = """
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
PidFile {folder}/apache.pid
ErrorLog {folder}/apache.err
DefaultRuntimeDir {folder}
User www-data
Group www-data
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule proxy_module {modules}/mod_proxy.so
LoadModule proxy_http_module {modules}/mod_proxy_http.so
StartServers 1
ServerLimit 1
ThreadsPerChild 100
MaxRequestWorkers 100
MinSpareThreads 1
MaxSpareThreads 100
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 600
ProxyPass / http://{upstream}/ keepalive=On
"""


def apache(installer, folder, environment):
    root = installer.debian("apache2-bin")
    libraries_of(root, environment)
    config = folder / "apache.conf"
    config.write_text(APACHE.format(port=environment["PORT"], folder=folder, modules=root / "usr/lib/apache2/modules",
                                    upstream=first_address(environment)))
    return [root / "usr/sbin/apache2", "-D", "FOREGROUND", "-f", config]


def php(installer, folder, environment):
    """PHP's own web server. Each of its workers answers one request at a time."""
    root = installer.debian("php8.2-cli")
    libraries_of(root, environment)
    return [root / "usr/bin/php8.2", "-n", "-d", "variables_order=EGPCS", "-S", "127.0.0.1:" + environment["PORT"],
            APPS / "service.php"]


PHP_FPM = """
[global]
error_log = {folder}/php-fpm.err
[all]
listen = {listen}
listen.mode = 0666
user = www-data
group = www-data
pm = static
pm.max_children = 16
clear_env = no
"""

FASTCGI = """
    location / {{
      fastcgi_pass unix:{folder}/php-fpm.sock;
      fastcgi_keep_conn on;
      fastcgi_param REQUEST_METHOD $request_method;
      fastcgi_param REQUEST_URI $request_uri;
      fastcgi_param SCRIPT_FILENAME {script};
    }}
"""


def php_fpm(installer, folder, environment):
    root = installer.debian("php8.2-fpm")
    libraries_of(root, environment)
    folder.chmod(0o755)  # its workers have another user
    config = folder / "php-fpm.conf"
    config.write_text(PHP_FPM.format(folder=folder, listen=environment.get("LISTEN", f"{folder}/php-fpm.sock")))
    return [root / "usr/sbin/php-fpm8.2", "-n", "-F", "-R", "-y", config]


def nginx_with_fastcgi(installer, folder, environment):
    return run_nginx(folder, environment, locations=FASTCGI.format(folder=folder, script=APPS / "service.php"))


def run_nginx(folder, environment, **what):
    config = write_config(folder, folder / "nginx.log", "127.0.0.1:" + environment["PORT"], **what)
    return [program("nginx"), "-e", folder / "nginx.err", "-p", folder, "-c", config]


def nginx(installer, folder, environment):
    return run_nginx(folder, environment, upstream=first_address(environment))


def pool(size, **more):
    return {"POOL": str(size), **more}


def only(*shapes):
    return tuple(place for place in SERVICE_GRID if place[0] in shapes)


VERSIONS_GRID = tuple(place for place in only("seq", "hard-par", "mixed", "background") if place[1:] == (5, 16))


RUNTIMES = {
    "python-threads": Runtime(python_threads),
    "python-executor-8": Runtime(python_threads, pool(8)),
    "python-executor-128": Runtime(python_threads, pool(128)),
    "go": Runtime(go),
    "go-stripped": Runtime(go_stripped),
    "aiohttp": Runtime(aiohttp),
    "fastapi-asyncio": Runtime(fastapi, {"LOOP": "asyncio"}),
    "fastapi-uvloop": Runtime(fastapi, {"LOOP": "uvloop"}),
    "node-agent": Runtime(node, {"CLIENT": "agent"}),
    "node-fetch": Runtime(node, {"CLIENT": "fetch"}),
    "node-4-sockets": Runtime(node, {"CLIENT": "agent", "MAX_SOCKETS": "4"}),
    "cpp-pool-8": Runtime(cpp_pool, pool(8, HANDLER="wait")),
    "cpp-pool-128": Runtime(cpp_pool, pool(128, HANDLER="wait")),
    "cpp-pass-8": Runtime(cpp_pool, pool(8, HANDLER="pass"), grid=only("seq", "hard-seq", "background")),
    "java-fixed": Runtime(java),
    "java-hand-off": Runtime(java, pool(64, CALLS="pool", POOL2="128")),
    "java-saturated": Runtime(java, pool(16, CALLS="pool", POOL2="4")),
    "java-client": Runtime(java, {"CALLS": "client"}),
    "java-async": Runtime(java, {"CALLS": "async"}),
    "java-virtual": Runtime(java_of("25.0.2.1"), {"CALLS": "virtual"}),
    "gunicorn-threads": Runtime(gunicorn, {"WORKERS": "--worker-class gthread --workers 2 --threads 32"}, processes=2),
    "gunicorn-gevent": Runtime(gunicorn, {"WORKERS": "--worker-class gevent --workers 1"}),
    "puma": Runtime(puma),
    "axum": Runtime(axum),
    "axum-join": Runtime(axum, {"JOIN": "1"}, only("par", "hard-par", "mixed")),
    "php": Runtime(php, {"PHP_CLI_SERVER_WORKERS": "4"}, grid=only("seq", "hard-seq"), processes=5),
    "php-fpm": Runtime(nginx_with_fastcgi, grid=only("seq", "hard-seq"), processes=16, behind=php_fpm, agent=("--unix-sockets",)),
    "haproxy": Runtime(haproxy, grid=PROXY_GRID, factors=PROXIED),
    "apache": Runtime(apache, grid=PROXY_GRID, factors=PROXIED),
    "nginx": Runtime(nginx, grid=PROXY_GRID, factors=PROXIED, processes=2),
    # Other versions of what is above, an old and a new one where a registry serves them. Of CPython none does.
    "go-1.21": Runtime(go_of("1.21.13"), grid=VERSIONS_GRID),  # in no table: to be roots
    "go-1.22": Runtime(go_of("1.22.12"), grid=VERSIONS_GRID),
    "node-14": Runtime(node_of("14.21.3"), {"CLIENT": "agent"}, grid=VERSIONS_GRID),
    "node-26": Runtime(node_of("26.12.1"), {"CLIENT": "agent"}, grid=VERSIONS_GRID),
    "java-25": Runtime(java_of("25.0.2.1"), grid=VERSIONS_GRID),
    "java-25-client": Runtime(java_of("25.0.2.1"), {"CALLS": "client"}, grid=VERSIONS_GRID),
    "cpp-musl": Runtime(cpp_musl, pool(8, HANDLER="wait"), grid=VERSIONS_GRID),
}
