#!/usr/bin/env bash
# A middleware that adds one header, and every retry of a payment charges again, though each carries the same key.
#
# idemkit 1.0.2 with fastapi 0.165.0, starlette 1.10.0 and uvicorn 0.54.0; fastapi-idempotency-key 0.1.1 beside it. A function under
# @app.middleware("http") hands every answer on in two parts, the second of them empty, for Starlette's BaseHTTPMiddleware makes a
# stream of it. idemkit keeps no streamed answer, which it documents, and a stream is to it what does not come in one part: with such a
# function within it, a JSON of 12 bytes is one, the key is given free, and three requests with one key are three charges, each a 201.
# The one sign is a header of the answer, Idempotency-Replay-Unavailable: streaming. Outside of idemkit the same function does no harm,
# and which is outside is told by the order of two lines: what is added last. fastapi-idempotency-key replays in both. A function of
# this kind for times, request ids or logs is in most applications. Test idempotency through the whole application.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check fastapi==0.165.0 starlette==1.10.0 uvicorn==0.54.0 \
    idemkit==1.0.2 fastapi-idempotency-key==0.1.1
cat > "$place/look.py" <<'PYTHON'
import logging
import socket
import sys
import threading
import time
import urllib.request

import uvicorn
from fastapi import FastAPI
from fastapi_idempotency_key import IdempotencyMiddleware as Other
from idemkit import IdempotencyMiddleware, InMemoryBackend

logging.disable(logging.CRITICAL)
KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"
KINDS = {
    "idemkit": lambda app: app.add_middleware(IdempotencyMiddleware, backend=InMemoryBackend()),
    "fastapi-idempotency-key": lambda app: app.add_middleware(Other),
}


def three_times(kind, where):
    """The statuses of three requests with one key, how often was charged, and what the last answer says of a replay."""
    app = FastAPI()
    charges = []

    @app.post("/charge", status_code=201)
    async def charge():
        charges.append(150000)
        return {"number": len(charges)}

    async def timing(request, call_next):
        answer = await call_next(request)
        answer.headers["X-Shop"] = "kopi"
        return answer

    if where == "within":
        app.middleware("http")(timing)
    KINDS[kind](app)
    if where == "outside":
        app.middleware("http")(timing)
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None))
    answers = []

    def call():
        while not server.started:
            time.sleep(0.02)
        try:
            for _ in range(3):
                headers = {"Idempotency-Key": KEY, "Content-Type": "application/json"}
                url = f"http://127.0.0.1:{taken.getsockname()[1]}/charge"
                request = urllib.request.Request(url, b'{"amount":150000}', headers, method="POST")
                with urllib.request.urlopen(request, timeout=20) as answer:
                    answers.append((answer.status, answer.read(), answer.headers.get("Idempotency-Replay-Unavailable")))
                time.sleep(0.2)
        finally:
            server.should_exit = True

    caller = threading.Thread(target=call)
    caller.start()
    server.run(sockets=[taken])
    caller.join()
    return [answer[0] for answer in answers], len(charges), answers[-1][2]


changed = []
for kind in KINDS:
    for where in ("nowhere", "outside", "within"):
        found = three_times(kind, where)
        print(f"{kind}, the function {where}: {found[0]}, charged {found[1]} times, replay unavailable: {found[2]}")
        off = kind == "idemkit" and where == "within"
        if found != ([201, 201, 201], 3 if off else 1, "streaming" if off else None):
            changed.append(f"{kind}, {where}")
sys.exit(f"this has changed: {changed}" if changed else 0)
PYTHON
"$place/venv/bin/python" -W ignore "$place/look.py"
