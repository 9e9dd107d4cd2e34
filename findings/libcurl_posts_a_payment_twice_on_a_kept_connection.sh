#!/usr/bin/env bash
# pycurl and curl_cffi send a POST a second time by themselves when a kept connection ends after the server has read it.
#
# pycurl 7.49.0 (libcurl 8.23.0), curl_cffi 0.17.0; beside them httpx2 2.16.2, requests 2.34.2, wreq 0.13.0 and primp
# 2.0.1. A server answers one POST, reads the second one whole from the same connection, acts on it and closes without an
# answer, as one does that is restarted. libcurl takes that for a connection that was dead before, makes a new one and
# sends the POST again: the caller gets one 200, and the server has two payments. No retry is configured, RFC 9110 (9.2.2)
# says that a client should not do so with a method that is not idempotent, and pycurl has no option against it but those
# that give up the kept connection (FORBID_REUSE, FRESH_CONNECT). A POST on a new connection is not sent again. The other
# four clients raise an error and have sent it once.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check \
    pycurl==7.49.0 curl_cffi==0.17.0 httpx2==2.16.2 requests==2.34.2 wreq==0.13.0 primp==2.0.1
cat > "$place/look.py" <<'PYTHON'
import io
import socket
import sys
import threading

import curl_cffi
import httpx2
import primp
import pycurl
import requests
import wreq.blocking


def read_request(stream):
    """One request's body, or None where the connection ends."""
    length, line = 0, stream.readline()
    if not line:
        return None
    while line.strip():
        if line.lower().startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
        line = stream.readline()
    return stream.read(length).decode()


def shop(lost):
    """A server that notes every order and answers it, but for this one at its first arrival: its port and its notes."""
    orders, listener = [], socket.create_server(("127.0.0.1", 0))

    def talk(connection):
        with connection, connection.makefile("rwb") as stream:
            while (order := read_request(stream)) is not None:
                orders.append(order)
                if orders.count(lost) == 1 and order == lost:
                    return
                stream.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                stream.flush()

    def serve():
        while True:
            threading.Thread(target=talk, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    return listener.getsockname()[1], orders


def with_pycurl():
    handle = pycurl.Curl()

    def post(url, body):
        handle.setopt(pycurl.URL, url)
        handle.setopt(pycurl.POSTFIELDS, body)
        handle.setopt(pycurl.WRITEDATA, io.BytesIO())
        handle.perform()

    return post


def with_session(session, name):
    return lambda url, body: session.post(url, **{name: body.encode()})


CLIENTS = {
    "pycurl": with_pycurl,
    "curl_cffi": lambda: with_session(curl_cffi.Session(), "data"),
    "httpx2": lambda: with_session(httpx2.Client(trust_env=False), "content"),
    "requests": lambda: with_session(requests.Session(), "data"),
    "wreq": lambda: with_session(wreq.blocking.Client(), "body"),
    "primp": lambda: with_session(primp.Client(), "content"),
}


def sent(client, lost):
    """What two POSTs came to, where the server closes on one of them: an outcome for each, and the orders."""
    port, orders = shop(lost)
    post, outcomes = CLIENTS[client](), []
    for order in ("order 1", "order 2"):
        try:
            post(f"http://127.0.0.1:{port}/payments", order)
            outcomes.append("answer")
        except Exception:
            outcomes.append("error")
        if order == lost:
            break
    return outcomes, list(orders)


found = {}
for client in CLIENTS:
    kept, new = sent(client, "order 2"), sent(client, "order 1")
    print(f"{client}: on the kept connection: {kept[0][-1]}, the server has {kept[1]}; on a new one: {new[0][-1]}, {new[1]}")
    found[client] = kept, new
twice = ["answer", "answer"], ["order 1", "order 2", "order 2"]
once = ["answer", "error"], ["order 1", "order 2"]
expected = {client: (twice if "curl" in client else once, (["error"], ["order 1"])) for client in CLIENTS}
sys.exit(0 if found == expected else "this has changed")
PYTHON
"$place/venv/bin/python" -W ignore "$place/look.py"
