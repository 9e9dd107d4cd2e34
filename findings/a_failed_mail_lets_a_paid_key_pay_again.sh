#!/usr/bin/env bash
# A payment that was answered with 201 is made again by its retry, where the mail that followed it could not be sent.
#
# fastapi-idempotency-key 0.1.1, idemkit 1.0.2, ichido 0.1.0 (with fakeredis 2.41.0); fastapi-idempotency 0.1.1, fastidempotent 0.1.0
# and asgi-idempotency-header 0.2.0 beside them; fastapi 0.165.0, starlette 1.10.0, uvicorn 0.54.0. A handler charges, answers 201 and
# leaves a BackgroundTask, the mail with the receipt, say. Starlette runs it within the ASGI call, after the answer has gone out. The
# first three take an exception out of that call for a failed request and give the key free, though they had passed on the whole 201.
# The retry of a caller who lost that answer charges a second time and gets a 201 as well, with no sign of a replay; the other three keep
# the answer. While the mail is on its way, two of the first three tell a retry 409, "in progress", of what was answered already.
# A test whose background tasks succeed meets none of it. A background task must catch all it may raise, or be a job of a queue.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check fastapi==0.165.0 starlette==1.10.0 uvicorn==0.54.0 \
    fastapi-idempotency-key==0.1.1 idemkit==1.0.2 ichido==0.1.0 fakeredis==2.41.0 redis==8.1.0 \
    fastapi-idempotency==0.1.1 fastidempotent==0.1.0 asgi-idempotency-header==0.2.0
cat > "$place/look.py" <<'PYTHON'
import asyncio
import logging
import socket
import sys
import threading
import time
import urllib.error
import urllib.request

import uvicorn
from fakeredis import FakeAsyncRedis
from fastapi import BackgroundTasks, FastAPI
from fastapi_idempotency import IdempotencyMiddleware as Idempotency
from fastapi_idempotency_key import IdempotencyMiddleware as IdempotencyKey
from fastidempotent import IdempotencyMiddleware as Fastidempotent
from fastidempotent import MemoryBackend as FastidempotentMemory
from ichido import IchidoMiddleware, RedisIdempotencyStore
from idempotency_header_middleware import IdempotencyHeaderMiddleware
from idempotency_header_middleware.backends.memory import MemoryBackend
from idemkit import IdempotencyMiddleware as Idemkit
from idemkit import InMemoryBackend

logging.disable(logging.CRITICAL)
KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"
KINDS = {
    "fastapi-idempotency-key": lambda app: app.add_middleware(IdempotencyKey),
    "idemkit": lambda app: app.add_middleware(Idemkit, backend=InMemoryBackend()),
    "ichido": lambda app: app.add_middleware(IchidoMiddleware, store=RedisIdempotencyStore(FakeAsyncRedis())),
    "fastapi-idempotency": lambda app: app.add_middleware(Idempotency),
    "fastidempotent": lambda app: app.add_middleware(Fastidempotent, backend=FastidempotentMemory()),
    "asgi-idempotency-header": lambda app: app.add_middleware(IdempotencyHeaderMiddleware, backend=MemoryBackend()),
}


async def slow_mail():
    await asyncio.sleep(1.5)


async def failing_mail():
    raise OSError("the mail server cannot be reached")


def attempts(kind, mail, pauses):
    """The statuses of requests with one key after these pauses, and how often was charged."""
    app = FastAPI()
    charges = []

    @app.post("/charge", status_code=201)
    async def charge(tasks: BackgroundTasks):
        charges.append(150000)
        tasks.add_task(mail)
        return {"number": len(charges)}

    KINDS[kind](app)
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None))
    statuses = []

    def call():
        while not server.started:
            time.sleep(0.02)
        try:
            for pause in pauses:
                time.sleep(pause)
                headers = {"Idempotency-Key": KEY, "Content-Type": "application/json"}
                url = f"http://127.0.0.1:{taken.getsockname()[1]}/charge"
                request = urllib.request.Request(url, b'{"amount":150000}', headers, method="POST")
                try:
                    with urllib.request.urlopen(request, timeout=20) as answer:
                        statuses.append(answer.status)
                        answer.read()
                except urllib.error.HTTPError as error:
                    statuses.append(error.code)
                    error.close()
        finally:
            server.should_exit = True

    caller = threading.Thread(target=call)
    caller.start()
    server.run(sockets=[taken])
    caller.join()
    return statuses, len(charges)


changed = []
for kind in KINDS:
    frees = kind in ("fastapi-idempotency-key", "idemkit", "ichido")
    failed = attempts(kind, failing_mail, (0, 0.5))
    print(f"{kind}: the mail fails: {failed[0]}, charged {failed[1]} times")
    if failed != ([201, 201], 2 if frees else 1):
        changed.append(f"{kind}, failed")
    slow = attempts(kind, slow_mail, (0, 0.4, 2.5))
    print(f"{kind}: the mail is slow: {slow[0]}, charged {slow[1]} times")
    if slow != ([201, 409 if kind in ("fastapi-idempotency-key", "ichido") else 201, 201], 1):
        changed.append(f"{kind}, slow")
sys.exit(f"this has changed: {changed}" if changed else 0)
PYTHON
"$place/venv/bin/python" -W ignore "$place/look.py"
