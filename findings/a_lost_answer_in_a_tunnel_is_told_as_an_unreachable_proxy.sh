#!/usr/bin/env bash
# urllib3 says "Unable to connect to proxy" of a request that went through the proxy and was read by the server.
#
# urllib3 2.8.0, trustme 1.2.1 for the certificates; a proxy and a TLS server written below, on the loopback.
# The proxy answers CONNECT with 200 and passes everything on. The server reads the POST whole and closes without an
# answer. http.client closes its side at that, which also forgets that a proxy was reached; so the error is wrapped as
# ProxyError "Unable to connect to proxy", the very error of a proxy that refuses connections. A program that takes it for
# "nothing was sent" and tries again posts twice. Only `original_error` tells the two apart.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check urllib3==2.8.0 trustme==1.2.1
cat > "$place/look.py" <<'PYTHON'
import socket
import ssl
import threading
from importlib.metadata import version

import trustme
import urllib3

authority = trustme.CA()
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
authority.issue_cert("shop.localhost").configure_cert(context)
trusting = ssl.create_default_context()
authority.configure_trust(trusting)
posted = []


def listening():
    made = socket.socket()
    made.bind(("127.0.0.1", 0))
    made.listen()
    return made


def serve(listener):
    """Read one POST whole, note it, close without an answer."""
    while True:
        plain, _ = listener.accept()
        with context.wrap_socket(plain, server_side=True) as secured:
            read = b""
            while not read.endswith(b"the body"):
                read += secured.recv(4096)
            posted.append(read.split(b" ", 1)[0].decode())


def pass_on(source, target):
    try:
        while data := source.recv(4096):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


def proxy(listener, port):
    while True:
        client, _ = listener.accept()
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        server = socket.create_connection(("127.0.0.1", port))
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        threading.Thread(target=pass_on, args=(client, server), daemon=True).start()
        threading.Thread(target=pass_on, args=(server, client), daemon=True).start()


origin, gate, nobody = listening(), listening(), listening()
port = origin.getsockname()[1]
threading.Thread(target=serve, args=(origin,), daemon=True).start()
threading.Thread(target=proxy, args=(gate, port), daemon=True).start()
closed = nobody.getsockname()[1]
nobody.close()

print("urllib3", version("urllib3"))
for what, proxy_port in (("a proxy that nobody runs", closed), ("a proxy that works", gate.getsockname()[1])):
    posted.clear()
    manager = urllib3.ProxyManager(f"http://127.0.0.1:{proxy_port}", ssl_context=trusting)
    try:
        manager.urlopen("POST", f"https://shop.localhost:{port}/", body=b"the body", retries=False, timeout=5)
    except urllib3.exceptions.HTTPError as error:
        said = error.args[0] if error.args else error
        print(f"{what}: {type(error).__name__} ({said}); the server read {len(posted)} POST")
PYTHON
"$place/venv/bin/python" "$place/look.py" | tee "$place/said"
grep -q "a proxy that nobody runs: ProxyError (Unable to connect to proxy.*the server read 0 POST" "$place/said"
grep -q "a proxy that works: ProxyError (Unable to connect to proxy.*the server read 1 POST" "$place/said"
