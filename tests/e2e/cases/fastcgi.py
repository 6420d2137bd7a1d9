"""nginx in front of PHP-FPM: both ends of each request over FastCGI, joined, on connections that stay and on those that close."""

import sys
from pathlib import Path

from load import run_load
from polling import wait_until
from request import Request
from runtimes import SERVICES, START_SECONDS, Service, free_port, listens, start_nginx, text_of
from scene import Failure
from truth import Hop

sys.path.append(str(Path(__file__).parent.parent.parent / "truth"))  # which has PHP-FPM

CONNECTIONS = 8  # twice as many workers: each holds a connection that stays, or waits for one that does not
REQUESTS = 1200
ROUTES = ("/r/{}", "/status/404/{}", "/big/{}", "/fields/{}", "/warn/{}", "/once/{}", "/status/204/{}", "/post/{}")

LOCATION = """
    location {path} {{
      fastcgi_pass {upstream};
      fastcgi_keep_conn {keep};
      fastcgi_buffer_size 8k;
      fastcgi_param REQUEST_METHOD $request_method;
      fastcgi_param REQUEST_URI $request_uri;
      fastcgi_param CONTENT_LENGTH $content_length;
      fastcgi_param REMOTE_ADDR 203.0.113.7;
      fastcgi_param SCRIPT_FILENAME {script};
    }}
"""


def start_php(scene, transport):
    from install import Installer
    from services import php_fpm
    folder = scene.file("php")
    folder.mkdir()
    scene.directory.chmod(0o755)
    log = scene.file("php.log")
    log.touch()
    log.chmod(0o666)
    address = (f"unix:{folder}/php-fpm.sock", 0) if transport == "unix" else ("127.0.0.1", free_port("127.0.0.1"))
    environment = {"LOG": str(log), "LISTEN": text_of(address).removeprefix("unix:")}
    process = scene.spawn(php_fpm(Installer(scene.build.parent / "truth"), folder, environment), environment)
    up = (folder / "php-fpm.sock").exists if transport == "unix" else lambda: listens(address)
    wait_until(up, START_SECONDS, "PHP-FPM to listen")
    return Service("php-fpm", address, process.pid, log)


def request(scene, number):
    path = ROUTES[number % len(ROUTES)].format(scene.unique())
    return Request(path, "POST", b"b" * 20_000) if path.startswith("/post/") else Request(path)


def run(scene, transport):
    php = start_php(scene, transport)
    script = SERVICES / "service.php"
    locations = (LOCATION.format(path="/", upstream="behind", keep="on", script=script) +
                 LOCATION.format(path="/once/", upstream=text_of(php.address), keep="off", script=script))
    nginx = start_nginx(scene, php, locations=locations)
    requests = [request(scene, i) for i in range(REQUESTS)]
    scene.start_agent("--unix-sockets")
    sent = run_load(nginx.address, requests, CONNECTIONS)
    hops = [Hop("client -> nginx", sent, nginx.served(REQUESTS)),
            Hop("nginx -> php-fpm", nginx.outgoing().served(REQUESTS), php.served(REQUESTS), ordered=transport == "tcp")]
    spans = [span for span in scene.check(hops) if scene.token in span.path]
    over = [span for span in spans if span.attributes.get("network.protocol.name") == "fastcgi"]
    if len(over) != 2 * REQUESTS:
        raise Failure(f"{len(over)} spans over FastCGI instead of {2 * REQUESTS}")
    scene.fail_if([f"{span.path}: {span.attributes}" for span in over if span.attributes.get("suture.http.suspicious")
                   or span.kind == "server" and span.attributes.get("client.address") != "203.0.113.7"])
    by_id = {span.span_id: span for span in spans}
    parents = [(span, by_id[span.parent_id]) for span in over if span.parent_id in by_id]
    scene.fail_if([f"{span.path} is below {parent.path}" for span, parent in parents if span.path != parent.path])
    if len(parents) < len(over):
        raise Failure(f"{len(over) - len(parents)} of {len(over)} spans over FastCGI have no parent")
