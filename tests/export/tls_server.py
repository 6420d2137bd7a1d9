"""An HTTPS server that asks for a client certificate, for otlp_tls_test: tls_server.py DIR COUNT.

Makes in DIR an authority (ca.pem), two clients' pairs (one.pem, one.key, two.pem, two.key) and a server of its own, prints its
port, answers COUNT requests with 200 on connections that it keeps, and prints the client's name for each."""

import http.server
import pathlib
import signal
import ssl
import subprocess
import sys


def make_pair(directory, name, signer):
    openssl = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
               "-subj", f"/CN={name}", "-keyout", directory / f"{name}.key", "-out", directory / f"{name}.pem"]
    if signer:
        openssl += ["-CA", directory / f"{signer}.pem", "-CAkey", directory / f"{signer}.key",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"]
    subprocess.run(openssl, check=True, stderr=subprocess.DEVNULL)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
        subject = self.connection.getpeercert()["subject"]
        print(subject[0][0][1], flush=True)
        self.server.left -= 1

    def log_message(self, *_):
        pass


def main():
    signal.alarm(60)  # the test has given up by then
    directory = pathlib.Path(sys.argv[1])
    for name, signer in (("ca", None), ("server", "ca"), ("one", "ca"), ("two", "ca")):
        make_pair(directory, name, signer)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "server.pem", directory / "server.key")
    context.load_verify_locations(directory / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.left = int(sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.timeout = 0.05
    print(server.server_address[1], flush=True)
    while server.left > 0:
        server.handle_request()


main()
