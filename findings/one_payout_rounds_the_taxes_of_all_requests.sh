#!/usr/bin/env bash
# A request sets how its Decimals are rounded, and all later ones of the process are rounded so, if any Decimal was made at import.
#
# starlette 1.10.0, uvicorn 0.54.0 and gunicorn 27.0.1. decimal.getcontext() is taken to be a task's own, for it lives in a context
# variable since Python 3.7. But a task inherits a copy of the variables, not of what they hold: the context of decimals can be changed
# in place, and it is one for all tasks and all threads of the pool where the main thread had made one before. RATE = Decimal("0.11") at
# the top of a module does that. ROUND_DOWN, set by one handler for a payout, then turns the tax of everybody from 11.00 into 10.99 for
# good, in `async def` and `def` handlers alike; where no Decimal was made at import, as in a small test, the same handler harms nobody.
# The reverse holds in gunicorn: ROUND_HALF_UP set at import counts in its sync and its asgi worker, but not with --threads, where a
# thread begins with Python's default. CPython lists it as issue 141148. Use localcontext(), or give quantize() its `rounding`.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -qq --disable-pip-version-check starlette==1.10.0 uvicorn==0.54.0 gunicorn==27.0.1
cat > "$place/shop.py" <<'PYTHON'
"""A shop whose module makes a Decimal at import, or does not (COLD), and may set the rounding there (HALF_UP)."""
import decimal
import os
from decimal import Decimal

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

if "COLD" not in os.environ:
    RATE = Decimal("0.11")
if "HALF_UP" in os.environ:
    decimal.getcontext().rounding = decimal.ROUND_HALF_UP


def text_of_tax(price="99.99"):
    return str((Decimal(price) * Decimal("0.11")).quantize(Decimal("0.01")))


async def tax(request):
    return PlainTextResponse(text_of_tax())


def tax_in_a_thread(request):
    return PlainTextResponse(text_of_tax())


async def payout(request):
    decimal.getcontext().rounding = decimal.ROUND_DOWN
    return PlainTextResponse(str(Decimal("10.999").quantize(Decimal("0.01"))))


async def careful_payout(request):
    with decimal.localcontext() as context:
        context.rounding = decimal.ROUND_DOWN
        return PlainTextResponse(str(Decimal("10.999").quantize(Decimal("0.01"))))


async def half(request):
    return PlainTextResponse(text_of_tax("1.50"))


asgi = Starlette(routes=[Route(f"/{call.__name__}", call) for call in (tax, tax_in_a_thread, payout, careful_payout, half)])


def wsgi(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [text_of_tax("1.50").encode()]
PYTHON
cat > "$place/look.py" <<'PYTHON'
import os
import socket
import subprocess
import sys
import time
import urllib.request

changed = []


def compare(what, found, expected):
    print(f"{what}: {found}")
    if found != expected:
        changed.append(what)


def answers(command, paths, **environment):
    """What a server says to requests for these paths, one after another."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", *(part.format(port=port) for part in command)]
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, env=os.environ | environment, stdout=quiet, stderr=quiet)
    try:
        until = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 5).close()
                break
            except OSError:
                if server.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.1)
        found = []
        for path in paths:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=20) as answer:
                found.append(answer.read().decode())
        return found
    finally:
        server.terminate()
        server.wait(30)


UVICORN = ("uvicorn", "shop:asgi", "--port", "{port}")
GUNICORN = ("gunicorn", "--bind", "127.0.0.1:{port}", "--workers", "1")
PATHS = ("tax", "tax_in_a_thread", "payout", "tax", "tax_in_a_thread", "tax")
compare("taxes around a payout, a Decimal made at import", answers(UVICORN, PATHS), ["11.00", "11.00", "10.99"] + ["10.99"] * 3)
compare("the same, none made at import", answers(UVICORN, PATHS, COLD="1"), ["11.00", "11.00", "10.99"] + ["11.00"] * 3)
careful = ["careful_payout" if path == "payout" else path for path in PATHS]
compare("with localcontext(), one made at import", answers(UVICORN, careful), ["11.00", "11.00", "10.99"] + ["11.00"] * 3)
# 1.50 at 0.11 is 0.1650: 0.17 by ROUND_HALF_UP, 0.16 by Python's default.
for name, command, expected in (
    ("uvicorn", UVICORN, "0.17"),
    ("gunicorn, asgi", (*GUNICORN, "--worker-class", "asgi", "shop:asgi"), "0.17"),
    ("gunicorn, sync", (*GUNICORN, "shop:wsgi"), "0.17"),
    ("gunicorn, --threads 2", (*GUNICORN, "--threads", "2", "shop:wsgi"), "0.16"),
):
    compare(f"ROUND_HALF_UP set at import: {name}", answers(command, ["half"], HALF_UP="1"), [expected])
sys.exit(f"this has changed: {changed}" if changed else 0)
PYTHON
cd "$place"
"$place/venv/bin/python" -W ignore "$place/look.py"
