"""The configuration of an nginx that needs nothing outside one directory."""

import os

# What nginx answers by itself; everything else goes to the upstream, where there is one.
OWN_ANSWERS = """
    location /r/ { return 200 "ok\\n"; }
    location ~ ^/static/ { root %(directory)s; try_files /static.bin =404; }
    location ~ ^/status/204/ { return 204; }
    location ~ ^/status/304/ { return 304; }
    location ~ ^/status/404/ { return 404; }
    location ~ ^/status/500/ { return 500; }
"""

PROXY = """
    location / {
      proxy_pass http://behind;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
"""

WITHOUT_CONTEXT = PROXY.replace("proxy_pass", 'proxy_set_header traceparent "";\n      proxy_pass')

UPSTREAM = """
  upstream behind {
    server %s;
    keepalive 64;
    keepalive_requests 10000000;
    keepalive_timeout 600s;
  }
"""

CONFIG = """
user root;
daemon off;
worker_processes 2;
pid %(directory)s/nginx.pid;
error_log %(directory)s/nginx.err;
events { worker_connections 1024; }
http {
  log_format truth '$pid $request_method $request_uri $status $upstream_status';
  access_log %(log)s truth;
  client_body_temp_path %(directory)s/nginx-body;
  proxy_temp_path %(directory)s/nginx-proxy;
  fastcgi_temp_path %(directory)s/nginx-fastcgi;
  uwsgi_temp_path %(directory)s/nginx-uwsgi;
  scgi_temp_path %(directory)s/nginx-scgi;
  sendfile on;
  keepalive_requests 10000000;
  keepalive_timeout 600s;
  large_client_header_buffers 8 32k;
  %(upstream)s
  server {
    listen %(listen)s;
    %(locations)s
  }
}
"""

STATIC_BYTES = 300_000  # several sendfile calls


def write_config(directory, log, listen, upstream=None, locations=None):
    """Writes configuration and static file; returns the configuration's path. `listen`, `upstream`: host:port. `locations`
    replaces what nginx would answer by itself, or pass on to `upstream`."""
    (directory / "static.bin").write_bytes(os.urandom(STATIC_BYTES))
    values = {"directory": directory, "log": log, "listen": listen,
              "upstream": UPSTREAM % upstream if upstream else "",
              "locations": locations or (PROXY if upstream else OWN_ANSWERS % {"directory": directory})}
    path = directory / "nginx.conf"
    path.write_text(CONFIG % values)
    return path
